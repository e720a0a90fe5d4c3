"""Lines, areas and strokes, told apart by how far they reach (mathematical morphology). Runs in the child process.

Images are of mode "L"; masks hold 0 and 255. A pixel is combined with its neighbours by doubling steps: a reach of a
hundred pixels takes seven passes of Pillow's own loops.
"""

from collections.abc import Callable

from PIL import Image, ImageChops, ImageFilter

_LINE = 40  # pixels (at 150 dpi): 7 mm, longer than a straight stroke of a letter
_LINE_BREADTH = 8  # pixels; a row of letters is broader
_AREA = 20  # pixels, the smaller side of an area; the larger one is that of a line at least
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
    across, down = _runs(mask, _LINE, _ACROSS), _runs(mask, _LINE, _DOWN)
    lines = ImageChops.lighter(
        ImageChops.subtract(across, _runs(across, _LINE_BREADTH + 1, _DOWN)),
        ImageChops.subtract(down, _runs(down, _LINE_BREADTH + 1, _ACROSS)),
    )
    return ImageChops.subtract(mask, _grown(lines))


def without_areas(mask: Image.Image, gray: Image.Image) -> Image.Image:
    """The mask without rectangles and the like that are of one shade exactly, as only a program draws them."""
    uneven = ImageChops.subtract(gray.filter(ImageFilter.MaxFilter(3)), gray.filter(ImageFilter.MinFilter(3)))
    even = ImageChops.darker(mask, uneven.point(lambda levels: 0 if levels else 255))
    lying, standing = _runs(_runs(even, _LINE, _ACROSS), _AREA, _DOWN), _runs(_runs(even, _LINE, _DOWN), _AREA, _ACROSS)
    return ImageChops.subtract(mask, _grown(ImageChops.lighter(lying, standing)))


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
