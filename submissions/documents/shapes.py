"""Lines, areas and strokes, told apart by how far they reach (mathematical morphology). Runs in the child process.

Images are of mode "L"; masks hold 0 and 255. A pixel is combined with its neighbours by doubling steps: a reach of a
hundred pixels takes seven passes of Pillow's own loops.
"""

from collections.abc import Callable

from PIL import Image, ImageChops, ImageFilter

_LINE = 40  # pixels (at 150 dpi): 7 mm, longer than a straight stroke of a letter
_LINE_BREADTH = 8  # pixels; a row of letters is broader
_AREA = 20  # pixels, the smaller side of an area; the larger one is that of a line at least
_THROUGH = 0.6  # of the page: what is drawn with a ruler is mostly shorter, what is printed on paper is not
_IN_PIECES = 0.25  # of the page: what is left at least of a faint line
_CROOKED = 8  # pixels to each side: what a line may leave its row
_EDGE = 3  # pixels around a line or area that belong to it: where it is soft, or a little crooked

_Combine = Callable[[Image.Image, Image.Image], Image.Image]
_ACROSS, _DOWN = (1, 0), (0, 1)


def closed(image: Image.Image, size: int) -> Image.Image:
    """The image without whatever is dark and narrower than a square of `size` pixels."""
    return _square(_square(image, size, ImageChops.lighter, 1), size, ImageChops.darker, -1)


def opened(image: Image.Image, size: int) -> Image.Image:
    """The image without whatever is light and narrower than a square of `size` pixels."""
    return _square(_square(image, size, ImageChops.darker, 1), size, ImageChops.lighter, -1)


def without_lines(mask: Image.Image) -> Image.Image:
    """The mask without thin lines along the edges of the page."""
    return ImageChops.subtract(mask, _grown(ImageChops.lighter(_lines(mask, _ACROSS), _lines(mask, _DOWN))))


def without_rules(mask: Image.Image) -> Image.Image:
    """The mask without thin lines that go through most of the page, as those of ruled and squared paper do."""
    rules = [_through(_lines(mask, along), along) for along in (_ACROSS, _DOWN)]
    return ImageChops.subtract(mask, _grown(ImageChops.lighter(*rules)))


def without_areas(mask: Image.Image, gray: Image.Image) -> Image.Image:
    """The mask without rectangles and the like that are of one shade exactly, as only a program draws them."""
    uneven = ImageChops.subtract(gray.filter(ImageFilter.MaxFilter(3)), gray.filter(ImageFilter.MinFilter(3)))
    even = ImageChops.darker(mask, uneven.point(lambda levels: 0 if levels else 255))
    lying, standing = _runs(_runs(even, _LINE, _ACROSS), _AREA, _DOWN), _runs(_runs(even, _LINE, _DOWN), _AREA, _ACROSS)
    return ImageChops.subtract(mask, _grown(ImageChops.lighter(lying, standing)))


def _lines(mask: Image.Image, direction: tuple[int, int]) -> Image.Image:
    runs = _runs(mask, _LINE, direction)
    return ImageChops.subtract(runs, _runs(runs, _LINE_BREADTH + 1, direction[::-1]))


def _through(lines: Image.Image, along: tuple[int, int]) -> Image.Image:
    """Those lines that go through most of the page, in pieces or a little crooked as they may be."""
    beside, whole = along[::-1], max(lines.size)
    near = _spread(_spread(lines, _CROOKED, beside, ImageChops.lighter), _CROOKED, _back(beside), ImageChops.lighter)
    before, behind = (_spread(near, whole, each, ImageChops.lighter) for each in (along, _back(along)))
    from_first_to_last = ImageChops.darker(before, behind)
    rows = [
        image.resize((1, lines.height) if along == _ACROSS else (lines.width, 1), Image.Resampling.BOX).point(
            lambda mean, share=share: 255 if mean >= 255 * share else 0
        )
        for image, share in ((from_first_to_last, _THROUGH), (near, _IN_PIECES))
    ]
    return ImageChops.darker(lines, ImageChops.darker(*rows).resize(lines.size))


def _runs(mask: Image.Image, length: int, direction: tuple[int, int]) -> Image.Image:
    """What belongs to a run of at least `length` pixels in a direction."""
    starts = _spread(mask, length, direction, ImageChops.darker)
    return _spread(starts, length, _back(direction), ImageChops.lighter)


def _grown(mask: Image.Image) -> Image.Image:
    return _square(_square(mask, _EDGE + 1, ImageChops.lighter, 1), _EDGE + 1, ImageChops.lighter, -1)


def _square(image: Image.Image, size: int, combine: _Combine, sign: int) -> Image.Image:
    """Combine each pixel with a square of which it is the upper left corner, or (sign -1) the lower right one."""
    for direction in (_ACROSS, _DOWN):
        image = _spread(image, size, direction if sign > 0 else _back(direction), combine)
    return image


def _spread(image: Image.Image, length: int, direction: tuple[int, int], combine: _Combine) -> Image.Image:
    """Combine each pixel with the next `length - 1` ones in a direction, as far as there are any."""
    reached = 1
    while reached < length:
        step = min(reached, length - reached)
        moved = image.copy()  # beyond the edge, a pixel stands for itself
        moved.paste(image, (-direction[0] * step, -direction[1] * step))
        image = combine(image, moved)
        reached += step
    return image


def _back(direction: tuple[int, int]) -> tuple[int, int]:
    return -direction[0], -direction[1]
