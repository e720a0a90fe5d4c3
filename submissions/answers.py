"""Untrusted model text to text that can be stored: pure functions, each undoing one habit of models."""

from __future__ import annotations

import re

_REASONING = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```[\w-]*[ \t]*\n(.*?)\n?```\Z", re.DOTALL)
#: What Postgres refuses in text (NUL, lone surrogates) and what no page holds (other control characters).
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def storable(text: str) -> str:
    """Without characters that cannot be stored, and without white space around it; otherwise as it was said."""
    return _UNSTORABLE.sub("", text).strip()


def clean(text: str) -> str:
    """A page as it was read: also without reasoning tags and without a code fence around the whole."""
    text = storable(_REASONING.sub("", text))
    fenced = _FENCE.match(text)
    return fenced.group(1).strip() if fenced else text
