"""How much memory the processes of a worker take: their largest resident sizes, counted from a moment on (proc(5))."""

from __future__ import annotations

from pathlib import Path

from tests.worker.processes import Worker

MEGABYTE = 1_000_000


class Growth:
    """Of the master and what it has started, all together. Those that open documents are children of those."""

    def __init__(self, worker: Worker) -> None:
        self._processes = [Path(f"/proc/{pid}") for pid in (worker.process.pid, *worker.pids())]
        for process in self._processes:
            (process / "clear_refs").write_text("5")  # the largest size is now that of this moment
        self._before = self._largest()

    def bytes(self) -> int:
        """By how much they have been larger since; raises FileNotFoundError if one has ended."""
        return self._largest() - self._before

    def _largest(self) -> int:
        return sum(_bytes(process) for process in self._processes)


def _bytes(process: Path) -> int:
    lines = (process / "status").read_text(encoding="ascii").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(kilobytes) * 1024
