"""Where the product lies, and the commands of its Procfile."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent


def procfile(line: str) -> str:
    """The command of one line."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return dict(each.split(": ", 1) for each in lines)[line]
