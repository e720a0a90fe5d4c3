"""What chat templates and image handling would take for a command, made harmless without changing how it looks.

Ollama tokenises the rendered prompt with its special tokens switched on, and looks for image markers in the text
(reference §4, §5): `<|im_end|>` typed by a pupil would end the message. A word joiner (U+2060: no width, no glyph, no
effect on shaping) is put into everything that has one of the shapes of `control_tokens.yaml`. Characters of Unicode's
tag block, invisible to people and legible to models, are left out; the three flags that are made of them stay, since
they have room for nothing else. Only the request differs, never the stored text.
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

_REGIONS = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in region) for region in ("gbeng", "gbsct", "gbwls"))
#: A flag of England, Scotland or Wales (Unicode's RGI set knows no other), or a tag character.
_TAGS = re.compile(f"(\U0001f3f4(?:{_REGIONS})\U000e007f)|[\U000e0000-\U000e007f]")
#: Lines that look like the one around the pupil's text (boundary.py).
_BOUNDARY = r"(?<==)(?==[ \t]*(?i:[0-9a-f]){8,}[ \t]*===)"


def neutralised(text: str) -> str:
    """The text as it may stand in a request. The same for the same text; of no effect on an ordinary one."""
    return _places().sub(JOINER, _TAGS.sub(lambda match: match.group(1) or "", text))


@cache
def _places() -> re.Pattern[str]:
    """Places between two characters, not whole tokens: two tokens may share a character, and both have to be parted."""
    table: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    parted = [*((pair[0], re.escape(pair[1])) for pair in table["pairs"]), *table["shapes"].values()]
    places = [
        *(f"(?<={re.escape(opening)})(?={rest})" for opening, rest in parted),
        *(rf"(?i:(?<=(?<!\w){role[0]})(?={role[1:]}[\s*_]{{0,6}}[:：]))" for role in table["roles"]),
        _BOUNDARY,
    ]
    return re.compile("|".join(places))
