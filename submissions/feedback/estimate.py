"""How many tokens a question has, before it is sent: on the safe side at first, nearer the truth with each answer.

Without experience a text is weighed by its characters, as the worst tokeniser in use would count it: 2.5 ASCII letters
per token (German in a model made for English), one token for every digit, sign, line break and other letter, and its
UTF-8 bytes for what lies beyond the alphabets. The server's own count of each prompt then tells what a model's
tokeniser really makes of that weight.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass

ASCII_LETTER, OTHER_CHARACTER = 0.4, 1.0
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
        return math.ceil(_weight(contents) * self.factor)

    def tokens_within(self, text: str) -> float:
        """Tokens of a part of a message; those of two parts add up."""
        return _characters(text) * self.factor

    def learnt(self, contents: Iterable[str], counted: int) -> TokenEstimate:
        """With the server's count of a prompt (Ollama's includes cached tokens). 0 means not counted."""
        if counted <= 0:
            return self
        return TokenEstimate((*self.ratios, counted / _weight(contents))[-REMEMBERED:])


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


def _weight(contents: Iterable[str]) -> float:
    return sum(PER_MESSAGE + _characters(content) for content in contents)


def _characters(text: str) -> float:
    return sum(map(_of, text))


def _of(character: str) -> float:
    if character == " " or (character.isascii() and character.isalpha()):
        return ASCII_LETTER
    if character <= LAST_ALPHABETIC:
        return OTHER_CHARACTER
    return len(character.encode(errors="replace"))
