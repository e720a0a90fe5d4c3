"""One system on one fresh database: what a case does with it. Leaves neither process nor database behind.

Everything that needs the system's library runs in its environment, through driver.py.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.broker import journal
from bench.broker.assignment import Assignment, Shape
from bench.broker.environments import ROOT, python_of
from bench.broker.jobs import Kind
from bench.broker.journal import Record
from bench.broker.processes import Tree
from bench.broker.server import Server
from bench.broker.systems import Facts

#: Longest time for one command of the driver (s); filling a million rows is the longest.
COMMAND_SECONDS = 300.0

#: Between two looks while waiting (s).
LOOK = 0.02

ONE = Shape(1, 1)
NO_OPTIONS: Mapping[str, str] = {}


class Trial:
    """A context manager; `kind` is that of all its jobs. options: variables for the system's processes."""

    def __init__(
        self, server: Server, system: Facts, kind: Kind, shape: Shape = ONE, options: Mapping[str, str] = NO_OPTIONS
    ) -> None:
        self.system = system
        self._options = options
        self._server = server
        self._python = python_of(system)
        self._folder = Path(tempfile.mkdtemp(prefix="learning-bench-"))
        self._journal = self._folder / "journal"
        self._journal.mkdir()
        self._trees: list[Tree] = []
        self._database = server.fresh(system, self._prepare)
        self.assignment = Assignment(server.url(self._database), self._journal, kind, shape)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._server.drop(self._database)
        shutil.rmtree(self._folder, ignore_errors=True)

    # What is done to the system.

    def fill(self, count: int) -> None:
        """Enqueue that many jobs, and let the server write down what that left to write."""
        self.drive("fill", str(count))
        self.query("ANALYZE")
        self.query("CHECKPOINT")

    def start(self) -> Tree:
        """Start workers of the trial's shape."""
        command = [str(self._python), "-m", "bench.broker.driver", self.system.module, "work"]
        environment = self._environment(self.assignment)
        tree = Tree.start(command, folder=ROOT, environment=environment, output=self._folder / "output")
        self._trees.append(tree)
        return tree

    def kill(self) -> None:
        """SIGKILL to everything that was started."""
        for tree in self._trees:
            tree.kill()

    def drive(self, *command: str) -> str:
        """Run a command of the driver to its end; what it printed."""
        return self._drive(self.assignment, *command)

    # What is seen of it.

    def records(self) -> list[Record]:
        return journal.read(self._journal)

    def recorded(self) -> int:
        return journal.count(self._journal)

    def query(self, statement: str, *values: Any) -> Any:
        """First value of the first row; None without one."""
        with self._server.session(self._database) as cursor:
            cursor.execute(statement, values or None)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    @property
    def output(self) -> str:
        """What the workers printed."""
        return (self._folder / "output").read_text(encoding="utf-8", errors="replace")

    @staticmethod
    def until(condition: Callable[[], object], within: float) -> bool:
        """Look until it holds; False if it did not within so many seconds."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK)
        return True

    def _prepare(self, database: str) -> None:
        self._drive(Assignment(self._server.url(database), self._journal), "prepare")

    def _drive(self, assignment: Assignment, *command: str) -> str:
        done = subprocess.run(
            [str(self._python), "-m", "bench.broker.driver", self.system.module, *command],
            cwd=ROOT,
            env=self._environment(assignment),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.system.name}: {command[0]} failed: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def _environment(self, assignment: Assignment) -> dict[str, str]:
        # Dramatiq 1 serves Prometheus by default, on one port and from one folder for everybody.
        metrics = {"dramatiq_prom_port": "0", "dramatiq_prom_db": str(self._folder / "metrics")}
        return assignment.environment() | metrics | dict(self._options)
