"""The picture: errors and seconds by class, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.vision.figures import Figures

_COLOUR, _WORST = "#1b6e53", "#a9b4b0"


def draw(classes: Sequence[Figures], title: str, path: Path) -> None:
    """Write the PNG."""
    import matplotlib  # noqa: PLC0415 - takes a second, and only the end of a run needs it

    matplotlib.use("agg")
    from matplotlib import pyplot  # noqa: PLC0415 - after the choice of its canvas

    names = [each.name for each in reversed(classes)]
    figure, (errors, seconds) = pyplot.subplots(1, 2, figsize=(12, 0.4 * len(names) + 1.5), layout="constrained")
    figure.suptitle(title, fontsize=10, x=0.01, ha="left")
    for axis, label, worst, typical in (
        (errors, "% wrong characters: mean, and the worst page", "worst", "error"),
        (seconds, "seconds per page: median, and the slowest", "slowest", "seconds"),
    ):
        factor = 100 if axis is errors else 1
        axis.set_title(label, fontsize=10, loc="left")
        axis.spines[["top", "right", "bottom"]].set_visible(False)
        axis.barh(names, [factor * getattr(each, worst) for each in reversed(classes)], color=_WORST)
        bars = axis.barh(names, [factor * getattr(each, typical) for each in reversed(classes)], color=_COLOUR)
        axis.bar_label(bars, fmt="%.1f", padding=3, fontsize=8)
    seconds.set_yticks([])
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
