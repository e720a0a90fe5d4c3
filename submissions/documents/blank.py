"""Is a page blank? Told from its pixels, without a model: an empty page that is asked about gets an invented text.

Runs in the child process, on every page image before it is sent, and on a PDF page whose text was taken off
(`text_layer`). Blank is a page that holds nothing but paper, noise, straight lines through most of it (ruled or squared
paper) and specks below 2 mm. Whatever is in doubt is not blank: faint pencil, what was drawn with a ruler, a page too
noisy to tell, a crooked scan of squared paper, a photo with a table's edge in it. Lengths take the longer side for that
of A4.
"""

from PIL import Image, ImageChops, ImageFilter

from submissions.documents import shapes
from submissions.documents.clusters import clusters
from submissions.documents.histogram import quantile

LOOK_PIXELS = 2_200_000
"""A4 at 150 dots per inch: enough to see a thin pencil stroke. Larger images are made smaller first."""

_LONG_SIDE = 1754  # pixels: A4 at 150 dpi, so that 6 pixels are 1 mm
_MARGIN = 0.02  # of each side: where scanners leave the lid's shadow, and nobody writes
_DARK_STROKE = 61  # pixels: 10 mm, more than a felt pen's; whatever is broader is taken for paper of another shade
_LIGHT_STROKE = 15  # pixels: 2.5 mm, chalk on a board; squared paper is lighter than its lines for 5 mm
_FAINT = 4  # gray levels between paper and the faintest stroke that is looked for
_TIMES_NOISE = 4.5
_NOISE_AT_MOST = 2.5  # gray levels, after smoothing: above that a faint stroke would drown in it
_COVERED_AT_MOST = 0.4  # of the page differs from its paper: ruled paper does on a quarter, pictures on half
_CELL = 4  # pixels: what lies in neighbouring cells of this size belongs together
_CELL_FILLED = 4  # pixels of its 16
_SPECK = 3  # cells: 2 mm
_MOST_CELLS = 20_000  # above that it is no blank page, and not worth a count


def is_blank(image: Image.Image, *, drawn: bool = False) -> bool:
    """Whether nothing is written, printed or drawn on the page. Takes modes "L" and "RGB".

    `drawn`: by a program, around a text that was taken off: then short lines, and areas of one shade exactly, are no
    marks either, as in tables.
    """
    gray = _seen_from_afar(image)
    strokes = _without_margins(_strokes(gray))
    levels = strokes.histogram()
    lower, middle = quantile(levels, 0.25), quantile(levels, 0.5)
    noise = (middle - lower) * 1.48  # the half of the pixels that is paper for sure, whatever else is on the page
    if noise > _NOISE_AT_MOST:
        return False
    threshold = middle + max(_FAINT, _TIMES_NOISE * noise)
    mask = strokes.point(lambda level: 255 if level > threshold else 0)
    if mask.histogram()[255] > _COVERED_AT_MOST * mask.width * mask.height:
        return False
    if drawn:
        mask = shapes.without_lines(shapes.without_areas(mask, _without_margins(gray)))
    return not _holds_a_mark(shapes.without_rules(mask))


def _seen_from_afar(image: Image.Image) -> Image.Image:
    """Gray, at most as large as is needed, a little smoothed."""
    gray = image.convert("L")
    gray.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.BOX)
    return gray.filter(ImageFilter.GaussianBlur(0.8))


def _strokes(gray: Image.Image) -> Image.Image:
    """How far each pixel is from the paper around it, darker or lighter; falling light and plain areas are gone."""
    darker = ImageChops.subtract(shapes.closed(gray, _DARK_STROKE), gray)
    lighter = ImageChops.subtract(gray, shapes.opened(gray, _LIGHT_STROKE))
    return ImageChops.lighter(darker, lighter)


def _without_margins(strokes: Image.Image) -> Image.Image:
    across, down = int(strokes.width * _MARGIN), int(strokes.height * _MARGIN)
    return strokes.crop((across, down, strokes.width - across, strokes.height - down))


def _holds_a_mark(mask: Image.Image) -> bool:
    filled = mask.reduce(_CELL).point(lambda mean: 255 if mean >= 255 * _CELL_FILLED / _CELL**2 else 0)
    cells = filled.histogram()[255]
    return cells > _MOST_CELLS or any(max(size) > _SPECK for size in clusters(filled))
