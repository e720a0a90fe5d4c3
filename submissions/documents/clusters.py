"""Groups of neighbouring pixels in a small mask, and how large they are. Runs in the child process."""

from collections.abc import Iterator

from PIL import Image

_Cell = tuple[int, int]


def clusters(mask: Image.Image) -> Iterator[tuple[int, int]]:
    """Width and height of each group of pixels that are not 0 and touch, corners included."""
    width = mask.width
    left = {divmod(place, width) for place, value in enumerate(mask.tobytes()) if value}
    while left:
        rows, columns = zip(*_cluster_around(left.pop(), left), strict=True)
        yield max(columns) - min(columns) + 1, max(rows) - min(rows) + 1


def _cluster_around(cell: _Cell, left: set[_Cell]) -> list[_Cell]:
    """The cell and all that hang together with it, taken out of `left`."""
    cluster = [cell]
    for row, column in cluster:
        around = {(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
        left -= around
        cluster += around
    return cluster
