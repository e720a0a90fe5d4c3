"""Boxes become lines in reading order."""

import math

from modelserver.real.lines import Box, box, page_text


def placed(text: str, x: float, y: float, width: float = 200, slope: float = 0.0) -> Box:
    """A box whose middle is at (x, y), turned together with the page around its corner."""
    across, down = (math.cos(slope), math.sin(slope)), (-math.sin(slope), math.cos(slope))
    left, top = x - width / 2, y - 10

    def corner(right: float, low: float) -> tuple[float, float]:
        return (right * across[0] + low * down[0], right * across[1] + low * down[1])

    return box(
        text, [corner(left, top), corner(left + width, top), corner(left + width, top + 20), corner(left, top + 20)]
    )


def test_boxes_on_one_height_are_one_line_from_left_to_right() -> None:
    boxes = [placed("Welt", 400, 103), placed("zweite", 100, 140), placed("Hallo", 100, 98)]
    assert page_text(boxes) == "Hallo Welt\nzweite"


def test_a_page_that_lies_askew_keeps_its_lines() -> None:
    boxes = [
        placed(f"{number}{side}", x, 100 + 30 * number, slope=0.06)
        for number in range(4)
        for side, x in (("a", 150), ("b", 900))
    ]
    assert page_text(list(reversed(boxes))) == "0a 0b\n1a 1b\n2a 2b\n3a 3b"


def test_a_wide_gap_starts_a_paragraph() -> None:
    boxes = [placed(str(number), 100, y) for number, y in enumerate((100, 130, 160, 220, 250))]
    assert page_text(boxes) == "0\n1\n2\n\n3\n4"


def test_no_boxes_are_no_text() -> None:
    assert page_text([]) == ""
