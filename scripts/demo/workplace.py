"""The folder that a demo keeps everything in: Postgres' data, the storage, the logs, the report.

What the last demo left is removed when the next begins, not before: it can be looked at. A lock, which goes with the
process that holds it, keeps a second demo out.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Self

from scripts.demo.failure import DemoFailed

ROOT = Path(__file__).parents[2]
DEFAULT_FOLDER = ROOT / ".dev" / "demo"


class Workplace:
    """A folder that is ours alone while it is entered, and empty at first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.postgres = self.folder / "postgres"
        self.storage = self.folder / "storage"
        self.cache = self.folder / "cache"
        self.worker_log = self.folder / "worker.log"
        self.model_server_log = self.folder / "modelserver.log"
        self.model_calls = self.folder / "modelserver-calls.jsonl"
        self.migrate_log = self.folder / "migrate.log"
        self.fetch_log = self.folder / "fetch.log"
        self.report = self.folder / "report.html"
        self._lock_file = self.folder / "demo.lock"

    def __enter__(self) -> Self:
        """Lock the folder and clear it. Raises DemoFailed: another demo is there, or it is no demo's folder."""
        try:
            self._take_lock()
            self._clear()
        except OSError as problem:
            raise DemoFailed(f"{shown(self.folder)} cannot be cleared ({problem.strerror}): remove it") from None
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()

    def _take_lock(self) -> None:
        if self.folder.exists() and any(self.folder.iterdir()) and not self._lock_file.exists():
            raise DemoFailed(f"{shown(self.folder)} holds what no demo put there: name another folder")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = self._lock_file.open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            process = self._lock_file.read_text()
            raise DemoFailed(f"another demo is running (process {process}): wait for its end") from None
        self._lock_file.write_text(str(os.getpid()))

    def _clear(self) -> None:
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path != self._lock_file:
                path.unlink()


def shown(path: Path) -> str:
    """A path as people find it from the project's folder."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
