"""The named statements of statements.sql: `-- name: word` begins one, the comment below it says what for."""

from __future__ import annotations

import re
from pathlib import Path

_HEADER = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def _read() -> dict[str, str]:
    parts = _HEADER.split((Path(__file__).parent / "statements.sql").read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))


#: Every statement by its name; parameters are psycopg2's named ones.
STATEMENTS = _read()
