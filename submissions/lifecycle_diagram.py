"""The diagrams of docs/lifecycle.md, drawn from the tables of lifecycle.py between two marks; the prose stays."""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from submissions.lifecycle import ALLOWED, UNIT_ALLOWED

Word = TypeVar("Word", bound=StrEnum)

PAGE = Path(__file__).parent.parent / "docs" / "lifecycle.md"


def page() -> str:
    """The text of docs/lifecycle.md with its diagrams as the code says."""
    text = PAGE.read_text(encoding="utf-8")
    for name, diagram in (("submission", _diagram(ALLOWED)), ("unit", _diagram(UNIT_ALLOWED))):
        begin, end = f"<!-- {name}: generated -->\n", f"<!-- {name}: end -->\n"
        before, _, rest = text.partition(begin)
        text = before + begin + diagram + end + rest.partition(end)[2]
    return text


def _diagram(arrows: Mapping[Word, Set[Word]]) -> str:
    first, order = next(iter(arrows)), list(arrows)
    lines = [f"    [*] --> {first}"]
    lines += [f"    {old} --> {new}" for old in arrows for new in sorted(arrows[old], key=order.index)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])
