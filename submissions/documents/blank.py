"""Is a page blank? Told from its pixels, without a model: an empty page that is asked about gets an invented text.

Runs in the child process, on every page image before it is sent, and on a PDF page whose text was taken off
(`text_layer`). Blank is a page that holds nothing but paper, noise, straight lines along its edges (ruled or squared
paper, tables) and specks below 2 mm. Whatever is in doubt is not blank: faint pencil, a page too noisy to tell, a
crooked scan of squared paper, a photo with a table's edge in it. Lengths take the longer side for that of A4.
"""

from PIL import Image, ImageChops, ImageFilter, ImageStat

from submissions.documents import runs
from submissions.documents.clusters import clusters

LOOK_PIXELS = 2_200_000
"""A4 at 150 dots per inch: enough to see a thin pencil stroke. Larger images are made smaller first."""

_LONG_SIDE = 1754  # pixels: A4 at 150 dpi, so that 6 pixels are 1 mm
_MARGIN = 0.02  # of each side: where scanners leave the lid's shadow, and nobody writes
_PAPER_RADIUS = 24  # pixels; the mean around a point is the paper's shade there
_FAINT = 4  # gray levels between paper and the faintest stroke that is looked for
_TIMES_NOISE = 4.5
_NOISE_AT_MOST = 2.0  # gray levels, after smoothing: above that a faint stroke would drown in it
_COVERED_AT_MOST = 0.4  # of the page differs from its paper: ruled paper does on a quarter, pictures on half
_RULE = 40  # pixels: 7 mm, longer than a straight stroke of a letter
_CELL = 4  # pixels: what lies in neighbouring cells of this size belongs together
_CELL_FILLED = 4  # pixels of its 16
_SPECK = 3  # cells: 2 mm
_MOST_CELLS = 20_000  # above that it is no blank page, and not worth a count


def is_blank(image: Image.Image) -> bool:
    """Whether nothing is written, printed or drawn on the page. Takes modes "L" and "RGB"."""
    gray = _seen_from_afar(image)
    noise = _noise_of(gray)
    if noise > _NOISE_AT_MOST:
        return False
    threshold = max(_FAINT, _TIMES_NOISE * noise)
    differing = ImageChops.difference(gray, _paper_of(gray)).point(lambda level: 255 if level > threshold else 0)
    if ImageStat.Stat(differing).mean[0] > 255 * _COVERED_AT_MOST:
        return False
    return not _holds_a_mark(runs.without_straight_lines(differing, _RULE))


def _seen_from_afar(image: Image.Image) -> Image.Image:
    """Gray, without its margins, at most as large as is needed, a little smoothed."""
    gray = image.convert("L")
    gray.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.BOX)
    across, down = int(gray.width * _MARGIN), int(gray.height * _MARGIN)
    inner = gray.crop((across, down, gray.width - across, gray.height - down))
    return inner.filter(ImageFilter.GaussianBlur(0.8))


def _noise_of(gray: Image.Image) -> float:
    """Gray levels between neighbours: three quarters of a page of paper show nothing else."""
    steps = ImageChops.difference(gray, ImageChops.offset(gray, 1, 0)).histogram()
    return 1.48 * _median(steps)


def _median(histogram: list[int]) -> float:
    """Of the values that a histogram counts; between two of them in proportion."""
    half, below = sum(histogram) / 2, 0
    for value, count in enumerate(histogram):
        if below + count >= half:
            return max(0.0, value - 0.5 + (half - below) / count)
        below += count
    return 0.0


def _paper_of(gray: Image.Image) -> Image.Image:
    """The paper's shade at each point, whatever light falls on it: a mean that strokes hardly darken."""
    mean = ImageFilter.BoxBlur(_PAPER_RADIUS)
    return ImageChops.lighter(gray, gray.filter(mean)).filter(mean)


def _holds_a_mark(strokes: Image.Image) -> bool:
    filled = strokes.reduce(_CELL).point(lambda mean: 255 if mean >= 255 * _CELL_FILLED / _CELL**2 else 0)
    cells = filled.histogram()[255]
    return cells > _MOST_CELLS or any(max(size) > _SPECK for size in clusters(filled))
