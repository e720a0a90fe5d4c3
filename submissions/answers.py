"""Untrusted text to text that can be stored."""

from __future__ import annotations

import re

#: What Postgres refuses in text (NUL, lone surrogates) and what no page holds (other control characters).
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def storable(text: str) -> str:
    """Without characters that cannot be stored, and without white space around it; otherwise as it was said."""
    return _UNSTORABLE.sub("", text).strip()
