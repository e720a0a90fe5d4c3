"""How well a text was read: the share of characters that differ from the true text.

Only what a reader would call reading is measured: texts are put into NFC, white space and Markdown's marks are left
out, and quotation marks count as one whatever their shape.
"""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import Levenshtein

_MARKS = re.compile(r"^\s*(?:#{1,6}\s|[-+]\s|>)|[*_`~]", re.MULTILINE)
_QUOTATION_MARKS = str.maketrans(dict.fromkeys("„“”‟«»", '"') | dict.fromkeys("‚‘’‛‹›´", "'"))


def character_error(read: str, true: str) -> float:
    """Edits (insert, delete, replace) that turn one text into the other, for each character of the true text.

    0.0 is a perfect reading; more than 1.0 is possible, where much was read that is not there. A true text without
    characters gives 0.0 if nothing was read and 1.0 otherwise.
    """
    read_characters, true_characters = measured(read), measured(true)
    if not true_characters:
        return float(bool(read_characters))
    return Levenshtein.distance(read_characters, true_characters) / len(true_characters)


def measured(text: str) -> str:
    """What of a text is compared: its characters without white space, Markdown and shapes of quotation marks."""
    folded = _MARKS.sub("", unicodedata.normalize("NFC", text)).translate(_QUOTATION_MARKS)
    return "".join(folded.split())
