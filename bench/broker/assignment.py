"""What a trial tells its processes, through the environment: database, journal, kind of job, shape.

Adapters read it when they are imported, so each of their processes knows it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.broker.jobs import Kind

_PREFIX = "BENCH_"


@dataclass(frozen=True, slots=True)
class Shape:
    """So many processes with so many threads (or as many jobs at a time) each."""

    processes: int
    threads: int

    @property
    def slots(self) -> int:
        return self.processes * self.threads

    def __str__(self) -> str:
        return f"{self.processes}x{self.threads}"


@dataclass(frozen=True, slots=True)
class Assignment:
    """url: the trial's database. journal: folder of the records. kind: of the jobs that will come."""

    url: str
    journal: Path
    kind: Kind = Kind.NOOP
    shape: Shape = Shape(1, 1)

    @classmethod
    def read(cls) -> Assignment:
        """This process's."""
        shape = Shape(int(os.environ[_PREFIX + "PROCESSES"]), int(os.environ[_PREFIX + "THREADS"]))
        kind = Kind(os.environ[_PREFIX + "KIND"])
        return cls(os.environ[_PREFIX + "URL"], Path(os.environ[_PREFIX + "JOURNAL"]), kind, shape)

    def environment(self) -> dict[str, str]:
        """For a child process: ours, and this assignment."""
        assigned = {
            "URL": self.url,
            "JOURNAL": str(self.journal),
            "KIND": self.kind,
            "PROCESSES": str(self.shape.processes),
            "THREADS": str(self.shape.threads),
        }
        return os.environ | {_PREFIX + name: value for name, value in assigned.items()}
