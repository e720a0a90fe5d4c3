"""The named statements of the .sql files here: `-- name: word` begins one, the comment below it says what for."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_HEADER = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def statements() -> dict[str, str]:
    """Every statement by its name."""
    found: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob("*.sql")):
        parts = _HEADER.split(path.read_text(encoding="utf-8"))
        found |= zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True)
    return found
