"""The lines that were added to a file since one looked last."""

from __future__ import annotations

from pathlib import Path


class Tail:
    """Follows a log from its beginning. A line that is not complete yet is kept for the next look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0

    def lines(self) -> list[str]:
        """The new complete lines, without their ends; none if there is no such file yet."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._place)
            complete, end, _ = file.read().rpartition(b"\n")
        self._place += len(complete) + len(end)
        return complete.decode(errors="replace").splitlines()


def last_lines(path: Path, count: int) -> list[str]:
    """The end of a log; nothing if there is no such file."""
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:] if path.exists() else []
