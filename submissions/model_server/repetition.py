"""Noticing that a model repeats itself without end, while it is still talking.

A loop is a tail of the text that consists of one unit over and over, exactly. How much of it is too much depends on
the unit, so that what people really write is not taken for one: a page holds some 2 500 characters, so forty equal
lines, a refrain, a row of dots or a page of empty table rows are all below their bounds; rows that differ in one
digit (tables, multiplication) are no repetition at all. Bounds are in characters.
"""

from __future__ import annotations

#: White space alone; tables padded with blanks stay well below.
BLANK_BOUND = 1_000
#: Dots, rules, empty table cells: a whole page of writing lines may consist of them.
SIGNS_BOUND = 6_000
#: Words in short units: more than fits on a page of equal lines.
WORDS_BOUND = 3_000
#: Words in units of at least PARAGRAPH characters: nobody writes one so often in a row.
PARAGRAPH = 200
PARAGRAPH_REPEATS = 5
#: The longest unit that is recognised, and what has to be looked at for that.
LONGEST_UNIT = 1_600
WINDOW = PARAGRAPH_REPEATS * LONGEST_UNIT
#: What was found to be a loop is taken off from here on: so many copies, and so many characters in all.
REPEATS = 4
SHORTEST_LOOP = 60
#: Looking costs some milliseconds, so it is done once in so many characters.
STRIDE = 500


class RepetitionWatch:
    """Follows one text as it grows."""

    def __init__(self) -> None:
        self._tail = ""
        self._unseen = 0

    def loops(self, piece: str) -> bool:
        """Take the next piece; True when the text now ends in a loop (seen within STRIDE characters)."""
        self._tail = (self._tail + piece)[-WINDOW:]
        self._unseen += len(piece)
        if self._unseen < STRIDE:
            return False
        self._unseen = 0
        return ends_in_loop(self._tail)


def ends_in_loop(text: str) -> bool:
    """Whether the last WINDOW characters end in one unit repeated beyond its bound."""
    backwards = text[: -WINDOW - 1 : -1]
    borders = _borders(backwards)
    bounds: dict[int, int] = {}
    for length in range(BLANK_BOUND, len(backwards) + 1):
        unit = length - borders[length - 1]
        if unit > length // 2:
            continue
        if unit not in bounds:
            bounds[unit] = _bound(backwards[:unit])
        if length >= bounds[unit]:
            return True
    return False


def _bound(unit: str) -> int:
    """How many characters of this unit, repeated, make a loop."""
    if unit.isspace():
        return BLANK_BOUND
    if not any(character.isalnum() for character in unit):
        return SIGNS_BOUND
    return PARAGRAPH_REPEATS * len(unit) if len(unit) >= PARAGRAPH else WORDS_BOUND


def _borders(text: str) -> list[int]:
    """Knuth, Morris and Pratt: for each beginning of `text` the length of its longest proper border.

    A beginning of length n with a border of length b repeats a unit of n - b characters.
    """
    borders = [0] * len(text)
    length = 0
    for index in range(1, len(text)):
        while length and text[index] != text[length]:
            length = borders[length - 1]
        length += text[index] == text[length]
        borders[index] = length
    return borders


def without_loop(text: str) -> str:
    """A text up to the loop that it ends in, with one copy of what is repeated; one without a loop stays as it is."""
    tail = text[-WINDOW:]
    unit = _unit_at_end(tail)
    if not unit:
        return text
    start = len(text) - unit
    while start > 0 and text[start - 1] == text[start - 1 + unit]:
        start -= 1
    return text[: start + unit]


def _unit_at_end(text: str) -> int:
    """The length of what the end of a text repeats at least REPEATS times, where that takes the most of it; or 0."""
    borders = _borders(text[::-1])
    for length in range(len(text), 0, -1):
        unit = length - borders[length - 1]
        if unit * REPEATS <= length:
            return unit if length >= SHORTEST_LOOP else 0
    return 0
