"""The signs of `injection_signs.yaml`, read once and compiled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_suffix(".yaml")

#: {name} of a word list; {0,20} is a count.
_REFERENCE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Signs:
    """Feature → pattern; rule for a sentence and for the text → combinations of features; what is forged → pattern."""

    features: dict[str, re.Pattern[str]]
    rules: dict[str, list[frozenset[str]]]
    text_rules: dict[str, list[frozenset[str]]]
    forged: dict[str, re.Pattern[str]]


@cache
def signs() -> Signs:
    """The file's content."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    words = {name: "|".join(_list(entries)) for name, entries in content["words"].items()}
    return Signs(
        features={name: _feature(_list(entries), words) for name, entries in content["features"].items()},
        rules=_rules(content["rules"]),
        text_rules=_rules(content["rules of the text"]),
        forged={name: _compiled(entries) for name, entries in content["forged"].items()},
    )


def _rules(listed: dict[str, list[list[str]]]) -> dict[str, list[frozenset[str]]]:
    return {name: [frozenset(each) for each in combinations] for name, combinations in listed.items()}


def _list(entries: str | list[str]) -> list[str]:
    return entries.split(" / ") if isinstance(entries, str) else entries


def _feature(entries: list[str], words: dict[str, str]) -> re.Pattern[str]:
    filled = [_REFERENCE.sub(lambda match: f"(?:{words[match.group(1)]})", entry) for entry in entries]
    return _compiled([entry[1:] if entry.startswith("=") else _whole_words(entry) for entry in filled])


def _whole_words(entry: str) -> str:
    pattern = entry.replace("…", r"\w*")
    return rf"\b(?:{pattern})\b"


def _compiled(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)
