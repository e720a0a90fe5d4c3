"""The picture of a result: one small bar chart for each question."""

from __future__ import annotations

from pathlib import Path

from bench.broker.figures import ROWS, Row
from bench.broker.results import Result
from bench.broker.systems import OURS, SYSTEMS
from bench.broker.table import cell

#: Rows that get a chart, by label, with the question that they answer.
CHARTS = {
    "50 ms jobs, 2 × 2": "50 ms jobs per second, 2 × 2",
    "1 s jobs, 2 × 2": "1 s jobs per second, 2 × 2",
    "no-op jobs, 2 × 4": "no-op jobs per second, 2 × 4",
    "enqueue one by one": "enqueued per second, one by one",
    "… p99": "pick-up by an idle worker, p99 (ms)",
    "redelivery after SIGKILL": "redelivery after SIGKILL (s)",
    "… 1 000 000 queued": "from job to job at 1 000 000 queued (ms)",
    "… more at 1 000 000": "memory at 1 000 000 queued, more than at 1 000 (MB)",
    "idle worker, share of one core": "idle worker (% of a core)",
}

OURS_COLOUR, OTHERS_COLOUR = "#1b6e53", "#a9b4b0"


def draw(result: Result, path: Path) -> None:
    """Write the PNG."""
    import matplotlib  # noqa: PLC0415 - in requirements-bench.txt only

    matplotlib.use("agg")
    from matplotlib import pyplot  # noqa: PLC0415 - after the choice of its canvas

    rows = {row.label: row for row in ROWS}
    figure, axes = pyplot.subplots(3, 3, figsize=(13, 8), layout="constrained")
    for axis, (label, title) in zip(axes.flat, CHARTS.items(), strict=True):
        _chart(axis, result, rows[label], title)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _chart(axis, result: Result, row: Row, title: str) -> None:  # type: ignore[no-untyped-def] # matplotlib's own
    axis.set_title(title, fontsize=10, loc="left")
    axis.spines[["top", "right", "bottom"]].set_visible(False)
    axis.tick_params(labelsize=9, length=0)
    axis.set_xticks([])
    names = [system.name for system in reversed(SYSTEMS) if _known(result, row, system.name)]
    if not names:
        axis.set_yticks([])
        axis.set_xlabel("not measured", loc="left", fontsize=9)
    values = [_bar(result, row, name) for name in names]
    colours = [OURS_COLOUR if name == OURS.name else OTHERS_COLOUR for name in names]
    bars = axis.barh(names, values, color=colours)
    axis.bar_label(bars, [cell(result, row, name) for name in names], padding=3, fontsize=9)
    axis.margins(x=0.25)


def _known(result: Result, row: Row, system: str) -> bool:
    try:
        row.look(result, system)
    except KeyError:
        return False
    return True


def _bar(result: Result, row: Row, system: str) -> float:
    """What did not come in time is as long as the cap."""
    value = row.look(result, system)
    return max(0.0, result.caps[row.case] if value is None else value)
