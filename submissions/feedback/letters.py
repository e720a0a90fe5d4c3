"""How much is written: letters, and what some scripts write for whole syllables or words."""

from __future__ import annotations

import re

#: Thai, Lao, Burmese, Khmer, kana, Chinese characters: written without blanks between words.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def letters_in(text: str) -> int:
    """Letters and digits; a sign of such a script is worth two."""
    return sum(1 + bool(UNSPACED.match(character)) for character in text if character.isalnum())
