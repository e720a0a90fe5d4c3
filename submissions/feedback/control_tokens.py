"""What chat templates and image handling would take for a command, made harmless without changing how it looks.

Ollama tokenises the rendered prompt with its special tokens switched on, and looks for image markers in the text
(reference §4, §5): `<|im_end|>` typed by a pupil would end the message. A word joiner (U+2060: no width, no glyph, no
effect on shaping) is put into everything that `control_tokens.yaml` lists. Characters of Unicode's tag block, invisible
to people and legible to models, are left out. Only the request differs, never the stored text.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

#: U+2060 WORD JOINER.
JOINER = "\u2060"
FILE = Path(__file__).with_suffix(".yaml")

_TAG_CHARACTERS = re.compile("[\U000e0000-\U000e007f]")
#: Lines that look like the one around the pupil's text (boundary.py).
_BOUNDARY = r"(?<==)(?==[ \t]*[0-9a-f]{8,}[ \t]*===)"


def neutralised(text: str) -> str:
    """The text as it may stand in a request. The same for the same text; of no effect on an ordinary one."""
    return _places().sub(JOINER, _TAG_CHARACTERS.sub("", text))


@cache
def _places() -> re.Pattern[str]:
    """Places between two characters, not whole tokens: two tokens may share a character, and both have to be parted."""
    table: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    roles = "|".join(table["roles"])
    places = [
        *(f"(?<={re.escape(pair[0])})(?={re.escape(pair[1])})" for pair in table["pairs"]),
        rf"(?<=<)(?=/?(?:{_any(table['angled'])})>)",
        rf"(?<=\[)(?=/?(?:{_any(table['bracketed'])})\])",
        rf"(?<=#)(?=[ \t]*(?:{roles})[ \t]*:)",
        rf"^(?=[ \t]*(?:{roles})[ \t]*:)",
        _BOUNDARY,
    ]
    return re.compile("|".join(places), re.IGNORECASE | re.MULTILINE)


def _any(families: dict[str, list[str]]) -> str:
    return "|".join(str(token) for tokens in families.values() for token in tokens)
