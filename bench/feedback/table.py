"""The figures as Markdown: one column per model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """`results` as they are written as JSON."""
    names = list(dict.fromkeys(name for result in results for name in result["figures"]))
    head = ["| | " + " | ".join(result["model"] for result in results) + " |", "|---|" + "---|" * len(results)]
    rows = [
        f"| {name} | " + " | ".join(_cell(result["figures"].get(name)) for result in results) + " |" for name in names
    ]
    return "\n".join([*head, *rows])


def _cell(figure: Any) -> str:
    if figure is None:
        return "–"
    if isinstance(figure, int | float):
        return f"{figure:.1f}"
    found, of = figure
    return f"{found} of {of}" + (f" ({100 * found / of:.0f} %)" if of else "")
