"""The figures as Markdown, one column per model: for the terminal, and for a document that has a place for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Where that place begins and ends.
BEGIN = "<!-- by `make eval-feedback INTO=docs/feedback.md`: begin -->"
END = "<!-- end -->"


def put_into(document: str, results: Sequence[Mapping[str, Any]]) -> str:
    """The document with its table made anew. Raises ValueError if it has no place for one."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the document has no place for the table: {BEGIN} … {END}")
    told = " ".join(map(_circumstances, results))
    return f"{before}{BEGIN}\n{table(results)}\n\n{told}\n{END}{after}"


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


def _circumstances(result: Mapping[str, Any]) -> str:
    prompts = ", ".join(f"{version} ({language})" for language, version in result["prompt_versions"].items())
    return f"{result['model']} at temperature {result['temperature']}, prompts {prompts}."
