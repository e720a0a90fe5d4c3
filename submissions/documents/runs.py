"""Straight lines along the edges of a picture, told from everything else by their length.

Runs in the child process. Masks are images of mode "L" with 0 and 255. Eroding by doubling steps takes a run of a
thousand pixels in ten passes of Pillow's own loops.
"""

from collections.abc import Callable

from PIL import Image, ImageChops

_Combine = Callable[[Image.Image, Image.Image], Image.Image]


_EDGE = 3  # pixels on either side of a line that belong to it: where it is soft, or a little crooked


def without_straight_lines(mask: Image.Image, length: int) -> Image.Image:
    """The mask without its horizontal and vertical lines of at least `length` pixels."""
    return ImageChops.subtract(mask, ImageChops.lighter(_lines(mask, length, 1, 0), _lines(mask, length, 0, 1)))


def _lines(mask: Image.Image, length: int, across: int, down: int) -> Image.Image:
    """What belongs to a run of `length` pixels in a direction (an erosion, and a dilation back), and its edges."""
    starts = _spread(mask, length, (across, down), ImageChops.darker)
    runs = _spread(starts, length, (-across, -down), ImageChops.lighter)
    one_side = _spread(runs, _EDGE + 1, (down, across), ImageChops.lighter)
    return _spread(one_side, _EDGE + 1, (-down, -across), ImageChops.lighter)


def _spread(mask: Image.Image, length: int, direction: tuple[int, int], combine: _Combine) -> Image.Image:
    """Combine each pixel with the next `length - 1` ones in a direction; beyond the edge there is nothing."""
    reached = 1
    while reached < length:
        step = min(reached, length - reached)
        mask = combine(mask, _moved(mask, -direction[0] * step, -direction[1] * step))
        reached += step
    return mask


def _moved(mask: Image.Image, across: int, down: int) -> Image.Image:
    moved = Image.new("L", mask.size)
    moved.paste(mask, (across, down))
    return moved
