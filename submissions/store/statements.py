"""The named statements of queries.sql: `-- name: word` begins one, the comment below it says what for."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_HEADER = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def statements() -> dict[str, str]:
    """Every statement by its name."""
    parts = _HEADER.split((Path(__file__).parent / "queries.sql").read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))
