"""Texts in a form in which only the words matter, for comparing what a model wrote with what a pupil wrote.

What is evened out: case; compatibility forms and combined accents (NFKC); kinds of quotation marks and dashes; runs of
white space; invisible characters (soft hyphens, joiners, those that `control_tokens` puts in); Markdown's emphasis; a
word parted by a hyphen at the end of a line. Every character remembers where it came from.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: A character with the accents that follow it.
_CLUSTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_SKIPPED = re.compile(r"(?<![\d\s])[*_`~]+|[*_`~]+(?![\d\s])|(?<=\w)-\n[ \t]*(?=[a-zäöüß])")
_EVENED = str.maketrans({**dict.fromkeys("„“”‟«»‹›‚‘’‛'\"´`", "'"), **dict.fromkeys("‐‑‒–—―−", "-")})
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded text; `places[i]` is where its character i stood in the original."""

    original: str
    text: str
    places: tuple[int, ...]

    def words(self) -> list[str]:
        """The words, without punctuation."""
        return _WORD.findall(self.text)


def folded(text: str) -> Folded:
    """Fold a text, keeping places."""
    skipped = {place for match in _SKIPPED.finditer(text) for place in range(*match.span())}
    characters: list[str] = []
    places: list[int] = []
    for match in _CLUSTER.finditer(text):
        place = match.start()
        if place in skipped:
            continue
        for character in _plain(match.group()):
            if character == " " and characters and characters[-1] == " ":
                continue
            characters.append(character)
            places.append(place)
    return Folded(text, "".join(characters), tuple(places))


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return folded(text).words()


def _plain(cluster: str) -> str:
    if cluster.isspace():
        return " "
    if unicodedata.category(cluster[0]) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", cluster).casefold().translate(_EVENED)
