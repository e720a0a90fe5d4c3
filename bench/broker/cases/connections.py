"""Most database connections that one process with 4 threads has open at once, at work on jobs that do nothing."""

from __future__ import annotations

from bench.broker.assignment import Shape
from bench.broker.case import Case, Figures
from bench.broker.jobs import Kind
from bench.broker.server import APPLICATION, SESSIONS, Server
from bench.broker.systems import Facts
from bench.broker.trial import Trial

QUEUED = 3_000

PATIENCE = 30.0


def measure(server: Server, system: Facts) -> Figures:
    """connections: the most that were seen."""
    most = 0
    with Trial(server, system, Kind.NOOP, Shape(1, 4)) as trial:
        trial.fill(QUEUED)
        trial.start()

        def done() -> bool:
            nonlocal most
            most = max(most, int(trial.query(SESSIONS, APPLICATION)))
            return trial.recorded() >= QUEUED

        trial.until(done, PATIENCE)
        ran = trial.recorded()
    return {"connections": float(most) if ran else None}


CASES = (Case("connections", measure, cap=PATIENCE),)
