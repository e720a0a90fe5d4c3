"""Untrusted model text to text that can be stored: pure functions, each undoing one habit of models."""

from __future__ import annotations

import re

_REASONING = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```[\w-]*[ \t]*\n(.*?)\n?```\Z", re.DOTALL)
#: What Postgres refuses in text (NUL, lone surrogates) and what no page holds (other control characters).
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def clean(text: str) -> str:
    """Without reasoning tags, without a code fence around the whole, without characters that cannot be stored."""
    text = _UNSTORABLE.sub("", _REASONING.sub("", text)).strip()
    fenced = _FENCE.match(text)
    return fenced.group(1).strip() if fenced else text
