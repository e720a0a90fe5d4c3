"""Texts with nothing to assess: empty pages, pages that nobody can read, two letters.

No model is asked about them, since it would have to invent. The pupil gets a neutral sentence, the teacher a mark, and
no score is given. A text with a digit is never blank: "42" may be the whole answer.
"""

from __future__ import annotations

import re
from enum import StrEnum

#: Letters from which on a text may be an answer ("Rom").
FEWEST_LETTERS = 3

#: As the vision model is told to write it, and as `vision/marks.py` marks a page that it gave up.
_UNREADABLE = re.compile(
    r"\[\s*(?:(?:ab hier )?unleserlich|illegible(?: from here on)?|unreadable)\s*\]", re.IGNORECASE
)
_EMPTY = re.compile(r"\[\s*(?:leer|leere seite|empty|empty page|blank)\s*\]", re.IGNORECASE)


class Blank(StrEnum):
    """The mark for the teacher."""

    EMPTY = "blank"
    UNREADABLE = "unreadable"


SENTENCES = {
    ("de", Blank.EMPTY): "In dieser Abgabe wurde kein Text gefunden. Deshalb gibt es dazu keine Rückmeldung und keine"
    " Punkte. Wenn du etwas geschrieben hast, gib es bitte noch einmal ab oder sprich mit deiner Lehrkraft.",
    (
        "de",
        Blank.UNREADABLE,
    ): "In dieser Abgabe konnte nichts gelesen werden. Deshalb gibt es dazu keine Rückmeldung und"
    " keine Punkte. Gib bitte ein deutlicheres Bild ab oder sprich mit deiner Lehrkraft.",
    ("en", Blank.EMPTY): "No text was found in this submission, so there is no feedback on it and no points. If you did"
    " write something, please hand it in again or talk to your teacher.",
    ("en", Blank.UNREADABLE): "Nothing in this submission could be read, so there is no feedback on it and no points."
    " Please hand in a clearer picture or talk to your teacher.",
}


def blankness(text_md: str) -> Blank | None:
    """Why there is nothing to assess in a text, or None if there is something."""
    rest, unreadable = _UNREADABLE.subn(" ", text_md)
    rest = _EMPTY.sub(" ", rest)
    if any(character.isnumeric() for character in rest):
        return None
    if sum(character.isalpha() for character in rest) >= FEWEST_LETTERS:
        return None
    return Blank.UNREADABLE if unreadable else Blank.EMPTY
