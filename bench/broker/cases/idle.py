"""Processor time of a worker that has nothing to do, 1 process × 4 threads, its master included."""

from __future__ import annotations

import time

from bench.broker.assignment import Shape
from bench.broker.case import Case, Figures
from bench.broker.jobs import Kind
from bench.broker.server import Server
from bench.broker.systems import Facts
from bench.broker.trial import Trial

#: Measured time, and the time before that since its first job (s).
WINDOW, WARM_UP = 60.0, 5.0

PATIENCE = 30.0


def measure(server: Server, system: Facts) -> Figures:
    """cpu_percent, of one core."""
    with Trial(server, system, Kind.NOOP, Shape(1, 4)) as trial:
        trial.fill(1)
        tree = trial.start()
        if not trial.until(trial.recorded, PATIENCE):
            return {"cpu_percent": None}
        time.sleep(WARM_UP)
        used = tree.cpu_seconds()
        time.sleep(WINDOW)
        return {"cpu_percent": 100 * (tree.cpu_seconds() - used) / WINDOW}


CASES = (Case("idle", measure, together=True),)
