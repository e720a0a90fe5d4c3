"""One bar for each sample on a terminal; elsewhere a line whenever a sample has moved on."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from scripts.demo.watch import Standing

_REFRESH_PER_SECOND = 4


class Bars:
    """Shown while it is entered."""

    def __init__(self, console: Console, titles: list[str]) -> None:
        self._console = console
        self._shown: dict[str, Standing] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[words]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            refresh_per_second=_REFRESH_PER_SECOND,
            disable=not console.is_terminal,
        )
        width = max(map(len, titles))
        self._tasks = {title: self._progress.add_task(title.ljust(width), total=None, words="") for title in titles}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._progress.stop()

    def show(self, title: str, standing: Standing) -> None:
        """Where a sample is now."""
        if self._shown.get(title) == standing:
            return
        self._shown[title] = standing
        task = self._tasks[title]
        self._progress.update(task, completed=standing.done, total=standing.total, words=standing.words)
        if standing.has_ended:
            self._progress.stop_task(task)
        if not self._console.is_terminal:
            self._console.print(f"{title}: {standing.words}", markup=False)
