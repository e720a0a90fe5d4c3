"""A quote counts as evidence only if the pupil really wrote it.

The comparison forgives what `folding` evens out, marks around the quote, and gaps that the model marked (… or [...]).
What is kept is the pupil's own passage, not the model's copy of it.
"""

from __future__ import annotations

import re

from submissions.feedback.folding import Folded, folded
from submissions.feedback.form import EVIDENCE_LENGTH

#: Letters and digits; fewer prove nothing.
SHORTEST = 3

_GAP = re.compile(r"\[\.\.\.\]|\(\.\.\.\)|\.\.\.")
_AROUND = " '.,;:!?()[]-"


def passage(quote: str, text: Folded) -> str:
    """The passage of the text that is quoted, with " … " between its parts; "" if it does not stand there."""
    found, after = [], 0
    for part in filter(_proves, (each.strip(_AROUND) for each in _GAP.split(folded(quote).text))):
        # A quote that fills its bound was cut there, perhaps within a word.
        span = _find(part, text.text, after, whole_words=len(quote) < EVIDENCE_LENGTH)
        if span is None:
            return ""
        after = span[1]
        found.append(_original(text, span))
    return " … ".join(found)


def _proves(part: str) -> bool:
    return sum(character.isalnum() for character in part) >= SHORTEST


def _find(part: str, text: str, after: int, *, whole_words: bool) -> tuple[int, int] | None:
    """Where `part` stands in `text`, from a word's beginning to a word's end."""
    start = text.find(part, after)
    while start >= 0:
        end = start + len(part)
        if not whole_words:
            end += next((i for i, character in enumerate(text[end:]) if not character.isalnum()), len(text) - end)
        if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
            return start, end
        start = text.find(part, start + 1)
    return None


def _original(text: Folded, span: tuple[int, int]) -> str:
    start, end = span
    stop = text.places[end] if end < len(text.places) else len(text.original)
    return text.original[text.places[start] : stop].strip()
