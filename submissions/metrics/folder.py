"""Where the processes that one master started keep their counters: a folder of its own for each start.

The files of prometheus_client outlive a killed process, so what it counted stays; they must not outlive the start,
or the next one would count on from there twice over. Master, workers and exporter share multiprocessing's
authentication key, which is drawn anew at each start: its hash names the folder in all of them alike.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import tempfile
from pathlib import Path


def of_this_start() -> Path:
    """The folder of this process's master; it exists."""
    path = _base() / f"{_master()}-{_start()}"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def remove_old() -> None:
    """Remove what earlier starts left behind: folders of masters that are dead, or whose number is ours now."""
    for path in _base().glob("*-*"):
        number, _, start = path.name.partition("-")
        ours = number == str(_master())
        if start != _start() and (ours or not _is_alive(int(number))):
            shutil.rmtree(path, ignore_errors=True)


def bury_the_dead(path: Path) -> None:
    """Remove the gauges of processes that are dead, as prometheus_client's `mark_process_dead` would."""
    for file in path.glob("gauge_live*_*.db"):
        if not _is_alive(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)


def _base() -> Path:
    return Path(tempfile.gettempdir()) / f"learning-worker-metrics-{os.getuid()}"


def _master() -> int:
    parent = multiprocessing.parent_process()
    return parent.pid if parent and parent.pid else os.getpid()


def _start() -> str:
    return hashlib.sha256(multiprocessing.current_process().authkey).hexdigest()[:12]


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True
