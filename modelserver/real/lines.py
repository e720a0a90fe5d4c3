"""From the boxes that text recognition finds to lines and paragraphs in reading order.

Boxes on one height are one line, read from left to right; a page that lies askew is set straight first, by the median
slope of its wide boxes. Caveat: columns beside each other are read across, line by line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, median_low

Corner = tuple[float, float]

# A gap this many times the usual distance of lines starts a paragraph.
PARAGRAPH_GAP = 1.5


@dataclass(frozen=True)
class Box:
    """A recognised piece of text: its middle, its height (pixels) and its slope (radians)."""

    text: str
    x: float
    y: float
    width: float
    height: float
    slope: float

    def straightened(self, slope: float) -> Box:
        """This box on a page that is turned back by `slope`."""
        sine, cosine = math.sin(-slope), math.cos(-slope)
        x, y = self.x * cosine - self.y * sine, self.x * sine + self.y * cosine
        return Box(self.text, x, y, self.width, self.height, self.slope - slope)


def box(text: str, corners: Sequence[Corner]) -> Box:
    """A box from its corners: top left, top right, bottom right, bottom left."""
    (left, top), (right, right_top), *_, (bottom_left, bottom) = corners
    return Box(
        text=text,
        x=sum(corner[0] for corner in corners) / len(corners),
        y=sum(corner[1] for corner in corners) / len(corners),
        width=math.hypot(right - left, right_top - top),
        height=math.hypot(bottom_left - left, bottom - top),
        slope=math.atan2(right_top - top, right - left),
    )


def page_text(boxes: Sequence[Box]) -> str:
    """The text of a page, with an empty line between paragraphs."""
    lines = _lines(_straight(boxes))
    heights = [sum(part.y for part in line) / len(line) for line in lines]
    steps = [below - above for above, below in pairwise(heights)]
    usual = median_low(steps) if steps else 0.0
    text = [_joined(line) for line in lines]
    for index in range(len(steps), 0, -1):
        if steps[index - 1] > PARAGRAPH_GAP * usual:
            text.insert(index, "")
    return "\n".join(text)


def _straight(boxes: Sequence[Box]) -> list[Box]:
    wide = [part.slope for part in boxes if part.width > 3 * part.height]
    slope = median(wide) if wide else 0.0
    return sorted((part.straightened(slope) for part in boxes), key=lambda part: part.y)


def _lines(boxes: Sequence[Box]) -> list[list[Box]]:
    """Boxes from top to bottom, grouped: one whose middle is within half a height of the last one's joins it."""
    lines: list[list[Box]] = []
    for part in boxes:
        last = lines[-1][-1] if lines else None
        if last and abs(part.y - last.y) < min(part.height, last.height) / 2:
            lines[-1].append(part)
        else:
            lines.append([part])
    return lines


def _joined(line: Sequence[Box]) -> str:
    return " ".join(part.text for part in sorted(line, key=lambda part: part.x))
