"""The claims of claims.sql, held against the evidence: one line each, with its figure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from chaos.evidence import gathered
from chaos.model_server import KINDS
from chaos.plan import MAX_RETRIES, WHOLE

_HEADER = re.compile(r"^-- claim: (.+)$", re.MULTILINE)
_STATEMENTS = Path(__file__).with_name("claims.sql")


@dataclass(frozen=True)
class Finding:
    """`figure`: what was counted."""

    claim: str
    holds: bool
    figure: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.holds else 'FAIL'} {self.claim}: {self.figure}"


def held(url: str, log: Path) -> list[Finding]:
    """Every claim, and whether it holds."""
    connection = gathered(url, log)
    values = {"max_retries": MAX_RETRIES, "whole": WHOLE.submissions, "kinds": len(KINDS)}
    found = []
    with connection.cursor() as cursor:
        _, *parts = _HEADER.split(_STATEMENTS.read_text(encoding="utf-8"))
        for claim, statement in zip(parts[::2], parts[1::2], strict=True):
            cursor.execute(statement, values)
            ((holds, figure),) = cursor.fetchall()
            found.append(Finding(claim, bool(holds), figure))
    connection.close()
    return found
