"""How many tokens a question has, before it is sent: on the safe side at first, nearer the truth with each answer.

Without experience a text is weighed by its characters, as the worst tokeniser in use would count it: 2.5 ASCII letters
per token (German in a model made for English), one token for every digit, sign, line break and other letter, and its
UTF-8 bytes for what lies beyond the alphabets. The server's own count of each prompt then tells what a model's
tokeniser really makes of that weight. Of digits, blanks beside them and letters that stand alone (figures, formulas) it
may make no less: what prose saves, they do not.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

ASCII_LETTER, OTHER_CHARACTER = 0.4, 1.0
#: A token each: a digit, a blank beside one (at a cut it may be beside one), a letter without another.
_SINGLE = re.compile(r"[0-9]|(?:(?<=[0-9])|\A) | (?=[0-9])|(?<![^\W\d_])[A-Za-z](?![^\W\d_])")
#: Beyond the last Latin, Greek and Cyrillic letters a tokeniser may fall back to bytes.
LAST_ALPHABETIC = "\u052f"
#: Tokens of a chat template around each message.
PER_MESSAGE = 12
#: On top of what was learnt: texts differ.
MARGIN = 1.15
#: Counts that are remembered, and needed before they are trusted.
REMEMBERED, FEWEST = 20, 3


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """What is known of one model's tokeniser; a value that each answer replaces by a better one."""

    ratios: tuple[float, ...] = ()

    @property
    def factor(self) -> float:
        """Tokens per weight. More than was thought is believed at once, less only after some answers."""
        learnt = max(self.ratios, default=0.0) * MARGIN
        return learnt if len(self.ratios) >= FEWEST else max(1.0, learnt)

    def tokens(self, contents: Iterable[str]) -> int:
        """Tokens of a prompt with these message contents."""
        return math.ceil(_tokens_of(contents, self.factor))

    def tokens_within(self, text: str) -> float:
        """Tokens of a part of a message; those of all parts are together no fewer than those of the whole."""
        blank_before = max(1.0, self.factor) if text[:1].isdigit() else 0.0
        return _tokens(text, self.factor) + blank_before

    def learnt(self, contents: Iterable[str], counted: int) -> TokenEstimate:
        """With the server's count of a prompt (Ollama's includes cached tokens). 0 means not counted.

        That a prompt had fewer tokens than its weight is believed if most of the weight is letters.
        """
        contents = list(contents)
        weight = _tokens_of(contents, 1.0)
        if counted <= 0 or (counted < weight and 2 * _letters(contents) < weight):
            return self
        return TokenEstimate((*self.ratios, counted / weight)[-REMEMBERED:])


class Estimates:
    """What is known of each model's tokeniser; one per process, thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_model: dict[str, TokenEstimate] = {}

    def of(self, model: str) -> TokenEstimate:
        with self._lock:
            return self._by_model.get(model, TokenEstimate())

    def learn(self, model: str, contents: Iterable[str], counted: int) -> None:
        """See TokenEstimate.learnt."""
        with self._lock:
            self._by_model[model] = self._by_model.get(model, TokenEstimate()).learnt(contents, counted)


def _tokens_of(contents: Iterable[str], factor: float) -> float:
    return sum(PER_MESSAGE * factor + _tokens(content, factor) for content in contents)


def _tokens(text: str, factor: float) -> float:
    rest, single = _SINGLE.subn("", text)
    return factor * sum(map(_of, rest)) + max(1.0, factor) * single


def _letters(contents: Iterable[str]) -> float:
    """What ASCII letters and blanks weigh."""
    return ASCII_LETTER * sum(_of(character) == ASCII_LETTER for content in contents for character in content)


def _of(character: str) -> float:
    if character == " " or (character.isascii() and character.isalpha()):
        return ASCII_LETTER
    if character <= LAST_ALPHABETIC:
        return OTHER_CHARACTER
    return len(character.encode(errors="replace"))
