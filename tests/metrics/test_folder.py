"""Where counters live: a folder for each start, and nothing left of the dead."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from submissions.metrics import folder


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_new_start_removes_the_folders_of_dead_masters_and_of_its_own_numbers_last_owner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gone: int
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ours = folder.of_this_start()
    living = ours.parent / f"{os.getppid()}-0123456789ab"
    for path in (living, ours.parent / f"{gone}-0123456789ab", ours.parent / f"{os.getpid()}-0123456789ab"):
        path.mkdir()
    folder.remove_old()
    assert sorted(ours.parent.iterdir()) == sorted([ours, living])


def test_gauges_of_dead_processes_are_removed_and_their_counters_stay(tmp_path: Path, gone: int) -> None:
    names = [f"gauge_livemax_{gone}.db", f"gauge_livemax_{os.getpid()}.db", f"counter_{gone}.db"]
    for name in names:
        (tmp_path / name).touch()
    folder.bury_the_dead(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])
