"""A quote counts as evidence only if the pupil really wrote it.

The comparison forgives what `folding` evens out, blanks around signs of arithmetic, marks around the quote, and gaps
that the model marked (… or [...]). What is kept is the pupil's own passage, not the model's copy of it.
"""

from __future__ import annotations

import re

from submissions.feedback.folding import Folded, folded
from submissions.feedback.form import EVIDENCE_LENGTH
from submissions.feedback.letters import UNSPACED, letters_in

#: Letters; fewer prove nothing, unless there is a digit among them.
SHORTEST = 3

_GAP = re.compile(r"\[\.\.\.\]|\(\.\.\.\)|\.\.\.")
#: A minus belongs to its number.
_AROUND = re.compile(r"\A(?:[ '.,;:!?()\[\]]|-(?!\d))+|[ '.,;:!?()\[\]-]+\Z")
_BLANK_AT_SIGN = re.compile(r" (?=[-+*/:=<>·×÷^])|(?<=[-+*/:=<>·×÷^]) ")
_DECIMAL = re.compile(r"\d[.,]\d")


def passage(quote: str, text: Folded) -> str:
    """The passage of the text that is quoted, with " … " between its parts; "" if it does not stand there."""
    found, after, text = [], 0, _tight(text)
    for part in filter(_proves, (_AROUND.sub("", each) for each in _GAP.split(_tight(folded(quote)).text))):
        # A quote that fills its bound was cut there, perhaps within a word.
        span = _find(part, text.text, after, whole_words=len(quote) < EVIDENCE_LENGTH)
        if span is None:
            return ""
        after = span[1]
        found.append(_original(text, span))
    return " … ".join(found)


def _tight(text: Folded) -> Folded:
    """Without blanks around signs of arithmetic."""
    blanks = {match.start() for match in _BLANK_AT_SIGN.finditer(text.text)}
    if not blanks:
        return text
    kept = [place for place in range(len(text.text)) if place not in blanks]
    return Folded(text.original, "".join(text.text[i] for i in kept), tuple(text.places[i] for i in kept))


def _proves(part: str) -> bool:
    return letters_in(part) >= SHORTEST or any(character.isdigit() for character in part)


def _find(part: str, text: str, after: int, *, whole_words: bool) -> tuple[int, int] | None:
    """Where `part` stands in `text`, from a word's beginning to a word's end."""
    start = text.find(part, after)
    while start >= 0:
        end = start + len(part)
        while not whole_words and _goes_on(text, end):
            end += 1
        if not _goes_on(text, start) and not _goes_on(text, end):
            return start, end
        start = text.find(part, start + 1)
    return None


def _goes_on(text: str, place: int) -> bool:
    """Whether a word or a number goes on from before a place to behind it."""
    pair = text[max(place - 1, 0) : place + 1]
    if len(pair) == 2 and pair.isalnum() and not UNSPACED.search(pair):
        return True
    return bool(_DECIMAL.search(text[max(place - 2, 0) : place + 2]))


def _original(text: Folded, span: tuple[int, int]) -> str:
    start, end = span
    stop = text.places[end] if end < len(text.places) else len(text.original)
    return text.original[text.places[start] : stop].strip()
