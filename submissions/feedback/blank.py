"""Texts with nothing to assess, or next to nothing: empty pages, pages that nobody can read, one or two letters.

No model is asked about them, since it would have to invent. The pupil gets a neutral sentence, which claims no more
than is true, the teacher a mark, and no score is given. What may be a whole answer is none of them: a text with a digit
("42"), with a formula ("x = y"), with three letters ("Rom") or two Chinese characters. "B" and "ja" may be one as well,
but nothing can be said on them that a teacher does not see at once.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from submissions.feedback.letters import letters_in

#: Letters from which on a text may be an answer ("Rom").
FEWEST_LETTERS = 3

_FORMULA = re.compile(r"[^\W\d_]\s*[-+*/=<>^·×÷≠≈≤≥→⇒]\s*[^\W\d_]")
#: As the vision model is told to write it, and as `vision/marks.py` marks a page that it gave up.
_UNREADABLE = re.compile(
    r"\[\s*(?:(?:ab hier )?unleserlich|illegible(?: from here on)?|unreadable)\s*\]", re.IGNORECASE
)
_EMPTY = re.compile(r"\[\s*(?:leer|leere seite|empty|empty page|blank)\s*\]", re.IGNORECASE)


class Blank(StrEnum):
    """The mark for the teacher."""

    EMPTY = "blank"  # signs of punctuation at most
    UNREADABLE = "unreadable"  # nothing, or next to nothing, could be read
    TOO_SHORT = "too_short"  # next to nothing was written


SENTENCES = {
    ("de", Blank.EMPTY): "In dieser Abgabe wurde kein Text gefunden. Deshalb gibt es dazu keine Rückmeldung und keine"
    " Punkte. Wenn du etwas geschrieben hast, gib es bitte noch einmal ab oder sprich mit deiner Lehrkraft.",
    (
        "de",
        Blank.UNREADABLE,
    ): "In dieser Abgabe konnte nichts oder fast nichts gelesen werden. Deshalb gibt es dazu keine Rückmeldung und"
    " keine Punkte. Gib bitte ein deutlicheres Bild ab oder sprich mit deiner Lehrkraft.",
    ("de", Blank.TOO_SHORT): "Diese Abgabe ist zu kurz, um sie hier zu beurteilen. Deshalb gibt es dazu keine"
    " Rückmeldung und keine Punkte. Wenn sie deine ganze Antwort ist, kann deine Lehrkraft sie bewerten. Wenn etwas"
    " fehlt, gib sie bitte noch einmal ab.",
    ("en", Blank.EMPTY): "No text was found in this submission, so there is no feedback on it and no points. If you did"
    " write something, please hand it in again or talk to your teacher.",
    ("en", Blank.UNREADABLE): "Nothing in this submission could be read, or next to nothing, so there is no feedback on"
    " it and no points. Please hand in a clearer picture or talk to your teacher.",
    ("en", Blank.TOO_SHORT): "This submission is too short to be assessed here, so there is no feedback on it and no"
    " points. If it is your whole answer, your teacher can mark it. If something is missing, please hand it in again.",
}


def blankness(text_md: str) -> Blank | None:
    """Why there is nothing to assess in a text, or None if there is something."""
    rest, unreadable = _written(text_md)
    if any(character.isnumeric() for character in rest) or _FORMULA.search(rest):
        return None
    if letters_in(rest) >= FEWEST_LETTERS:
        return None
    if unreadable:
        return Blank.UNREADABLE
    return Blank.EMPTY if is_empty(text_md) else Blank.TOO_SHORT


def is_empty(text_md: str) -> bool:
    """Whether not even one letter or symbol is written there; signs that draw lines and Markdown are none."""
    return not any(
        character.isalnum() or (not character.isascii() and unicodedata.category(character).startswith("S"))
        for character in _written(text_md)[0]
    )


def _written(text_md: str) -> tuple[str, int]:
    """The text without our marks, and how many of them say that something could not be read."""
    rest, unreadable = _UNREADABLE.subn(" ", text_md)
    return _EMPTY.sub(" ", rest), unreadable
