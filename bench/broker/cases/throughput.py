"""Jobs that do nothing: what the queue itself costs, 2 processes × 4 threads, synchronous commit on."""

from __future__ import annotations

from bench.broker.assignment import Shape
from bench.broker.case import Case, Figures
from bench.broker.jobs import Kind
from bench.broker.server import Server
from bench.broker.systems import Facts
from bench.broker.trial import Trial

QUEUED = 20_000

#: The first tenth is warm-up.
SKIPPED = QUEUED // 10

#: Longest time from the first job to the last one that counts (s).
CAP = 12.0

#: Longest time until the first job (s).
PATIENCE = 30.0


def measure(server: Server, system: Facts) -> Figures:
    """jobs_per_second, between the end of the warm-up and the last job or the cap."""
    with Trial(server, system, Kind.NOOP, Shape(2, 4)) as trial:
        trial.fill(QUEUED)
        tree = trial.start()
        trial.until(trial.recorded, PATIENCE)
        trial.until(lambda: trial.recorded() >= QUEUED, CAP)
        tree.kill()
        times = [each.at for each in trial.records()]
    skipped = min(SKIPPED, len(times) // 10)
    counted = [at for at in times[skipped:] if at < times[0] + CAP]
    if len(counted) < 2:
        return {"jobs_per_second": None}
    return {"jobs_per_second": (len(counted) - 1) / (counted[-1] - counted[0])}


CASES = (Case("no-op", measure, cap=CAP),)
