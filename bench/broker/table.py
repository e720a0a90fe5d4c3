"""The table of a result: as text for the terminal, as Markdown for docs/benchmarks.md."""

from __future__ import annotations

from bench.broker.figures import ROWS, Row
from bench.broker.results import Result
from bench.broker.systems import OURS, SYSTEMS

#: Where the generated part of the document begins and ends.
BEGIN = "<!-- from broker.json, by `make bench-broker`: begin -->"
END = "<!-- end -->"

NOT_MEASURED = "–"


def cells(result: Result) -> list[list[str]]:
    """Heading and rows; rows of which nothing was measured are left out."""
    names = [system.name for system in SYSTEMS if any(entry.system == system.name for entry in result.entries)]
    rows = [[row.label, *(cell(result, row, name) for name in names), verdict(result, row)] for row in ROWS]
    return [["", *names, "to reach"], *(row for row in rows if set(row[1:-1]) != {NOT_MEASURED})]


def cell(result: Result, row: Row, system: str) -> str:
    """A value with its unit."""
    try:
        value = row.look(result, system)
    except KeyError:
        return NOT_MEASURED
    if value is None:
        return f"> {result.caps[row.case]:.0f} s" if row.unit == "s" else "not in time"
    return f"{number(value)} {row.unit}".strip()


def number(value: float) -> str:
    """Three digits, or as many as stand before the point."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.2f}"


def verdict(result: Result, row: Row) -> str:
    """What ours has to reach, and whether it does."""
    if row.target is None:
        return ""
    try:
        value = row.look(result, OURS.name)
        reached = value is not None and row.target.reached(result, value)
    except KeyError:  # ours, or what it is held against, was not measured in this run
        return row.target.text
    return f"{row.target.text} {'✓' if reached else '✗'}"


def as_text(result: Result) -> str:
    """Columns of equal width."""
    rows = cells(result)
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def as_markdown(result: Result) -> str:
    """What stands between BEGIN and END: the table, and on what it was measured."""
    heading, *rows = ["| " + " | ".join(row) + " |" for row in cells(result)]
    rule = "|" + "---|" * len(cells(result)[0])
    return "\n".join([BEGIN, heading, rule, *rows, "", _circumstances(result), END])


def _circumstances(result: Result) -> str:
    machine, settings = result.machine, result.settings
    loads = [entry.load for entry in result.entries]
    versions = "; ".join(
        f"{system}: {', '.join(f'{name} {version}' for name, version in packages.items())}"
        for system, packages in result.versions.items()
        if packages
    )
    return (
        f"Measured {result.taken_at[:10]} on {machine['cores']} cores, {machine['memory']}, "
        f"Python {machine['python']}, PostgreSQL {settings['server_version']} (fsync {settings['fsync']}, "
        f"synchronous_commit {settings['synchronous_commit']}); load average before the cases "
        f"{min(loads):.1f} to {max(loads):.1f}. {versions}."
    )


def put_into(document: str, result: Result) -> str:
    """The document with its generated part made anew."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + as_markdown(result) + after
