"""A text that does not fit into one question, in as few sections as fit, of about equal length.

Cut is at the coarsest place that serves: between paragraphs, lines, sentences, words, characters. Joined again, the
sections are the text, character for character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

#: After which white space may be cut, from coarse to fine; then between any two characters.
_CUTS = tuple(map(re.compile, (r"(?<=\n\n)", r"(?<=\n)", r"(?<=[.!?…;:]\s)", r"(?<=\s)", r"(?s)(?<=.)(?=.)")))

#: Weight of a part of the text; that of two parts together is about the sum.
Weigh = Callable[[str], float]


def sections_of(text: str, weigh: Weigh, most: float) -> list[str]:
    """The sections, each of at most the weight `most`, or of one character."""
    if weigh(text) <= most:
        return [text]
    pieces = [(piece, weigh(piece)) for piece in _pieces(text, weigh, most)]
    greedy = _filled(pieces, most)
    fair = sum(weight for _, weight in pieces) / len(greedy)
    for share in (1.05, 1.15, 1.3):
        even = _filled(pieces, min(most, fair * share))
        if len(even) == len(greedy):
            return even
    return greedy


def _pieces(text: str, weigh: Weigh, most: float, level: int = 0) -> Iterator[str]:
    """The text in parts that each fit, cut no finer than it has to be."""
    for part in filter(None, _CUTS[level].split(text)):
        if weigh(part) <= most or level == len(_CUTS) - 1:
            yield part
        else:
            yield from _pieces(part, weigh, most, level + 1)


def _filled(pieces: list[tuple[str, float]], most: float) -> list[str]:
    sections, weights = [""], [0.0]
    for piece, weight in pieces:
        if sections[-1] and weights[-1] + weight > most:
            sections.append("")
            weights.append(0.0)
        sections[-1] += piece
        weights[-1] += weight
    return sections
