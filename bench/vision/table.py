"""The figures as Markdown: a row for each class, then for each group."""

from __future__ import annotations

from collections.abc import Sequence

from bench.vision.figures import Figures

HEAD = (
    "| pages | n | wrong characters | worst page | s per page | slowest | prompt tokens | written | began as asked"
    " | problems |"
)


def table(classes: Sequence[Figures], groups: Sequence[Figures]) -> str:
    ruler = "|---|" + "--:|" * 9
    return "\n".join([HEAD, ruler, *map(_row, classes), *(_row(each, bold=True) for each in groups)])


def _row(each: Figures, *, bold: bool = False) -> str:
    name = f"**all {each.name}**" if bold else each.name
    cells = (
        each.pages,
        f"{each.error:.2%}",
        f"{each.worst:.2%}",
        f"{each.seconds:.1f}",
        f"{each.slowest:.1f}",
        f"{each.prompt_tokens:.0f}",
        f"{each.output_tokens:.0f}",
        each.begun,
        each.problems,
    )
    return f"| {name} | " + " | ".join(map(str, cells)) + " |"
