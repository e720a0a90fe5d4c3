"""The kinds of words in `words.yaml`, compiled: the file says what they are and how it is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_suffix(".yaml")
#: {name} of a list; {0,20} is a count.
_REFERENCE = re.compile(r"\{([a-z_]+)\}")


def _kinds() -> dict[str, re.Pattern[str]]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    lists = {name: "|".join(_entries(lines)) for name, lines in content["lists"].items()}
    return {name: _compiled(_entries(lines), lists) for name, lines in content["kinds"].items()}


def _entries(lines: list[str]) -> list[str]:
    return [entry for line in lines for entry in line.split(" / ")]


def _compiled(entries: list[str], lists: dict[str, str]) -> re.Pattern[str]:
    filled = (_REFERENCE.sub(lambda found: f"(?:{lists[found.group(1)]})", entry) for entry in entries)
    return re.compile("|".join(rf"\b(?:{entry})\b" for entry in filled))


KINDS = _kinds()
