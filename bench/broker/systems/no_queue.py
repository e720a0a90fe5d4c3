"""The ceiling: as many processes and threads, each running the same job again and again, and no queue anywhere."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading

from bench.broker import jobs
from bench.broker.assignment import Assignment, Shape
from bench.broker.processes import together

PACKAGES: tuple[str, ...] = ()
FILL = "SELECT WHERE %(kind)s = '' AND %(first)s > %(last)s"
send_batch = None
send_in_transaction = None


def prepare() -> None:
    """Nothing to make."""


def send(kind: str, key: int) -> None:
    raise NotImplementedError("there is no queue")


def work(shape: Shape) -> None:
    together([subprocess.Popen([sys.executable, "-m", __name__]) for _ in range(shape.processes)])


def _loop() -> None:
    assignment = Assignment.read()

    def repeat() -> None:
        for key in itertools.count():
            jobs.run(assignment.kind, key)

    for _ in range(assignment.shape.threads):
        threading.Thread(target=repeat).start()


if __name__ == "__main__":
    _loop()
