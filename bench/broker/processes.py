"""Process trees: what they used, and their end. Linux: everything is read from /proc.

A tree is everything that was started in one session, so nobody escapes by outliving a parent.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_started: list[Tree] = []

_TICKS = os.sysconf("SC_CLK_TCK")


def together(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until all have ended."""
    for child in children:
        child.wait()


@dataclass(frozen=True, slots=True)
class Tree:
    """The processes of one session."""

    leader: subprocess.Popen[bytes]

    def pids(self) -> list[int]:
        """Those alive; zombies are not."""
        return [pid for pid in _all_pids() if _belongs(pid, self.leader.pid)]

    def cpu_seconds(self) -> float:
        """What those alive have used so far, in user and system mode."""
        return sum(int(value) for pid in self.pids() for value in _stat(pid)[11:13]) / _TICKS

    def peak_memory(self) -> float:
        """The largest peak resident set of one of them (MB)."""
        return max((_peak_kilobytes(pid) for pid in self.pids()), default=0) / 1024

    @classmethod
    def start(cls, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], output: Path) -> Tree:
        """Start a command in a session of its own."""
        with output.open("ab") as file:
            leader = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=file, stderr=file, start_new_session=True
            )
        tree = cls(leader)
        _started.append(tree)
        return tree

    @staticmethod
    def kill_all() -> None:
        """Whatever was started, whoever waits for it."""
        for tree in _started:
            tree.kill()

    def kill(self) -> None:
        """SIGKILL, until nobody is left."""
        while pids := self.pids():
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.leader.wait()


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the command's name: state first; empty for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _belongs(pid: int, session: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX" and int(fields[3]) == session


def _peak_kilobytes(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0
