"""Tokens where there is no language model: about one word or one run of punctuation, with the white space after it."""

from __future__ import annotations

import re

from modelserver.calls import ModelCall

_TOKEN = re.compile(r"\w+\s*|[^\w\s]+\s*|\s+")


def split(text: str) -> list[str]:
    """The tokens of a text; joined they are the text again."""
    return _TOKEN.findall(text)


def prompt_tokens(call: ModelCall, per_image: int) -> int:
    """How long the prompt is, in tokens: every message's text, and `per_image` for every image."""
    return sum(len(split(message.content)) for message in call.messages) + per_image * len(call.images)
