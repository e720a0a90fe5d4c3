"""How late delayed messages start: 10 000 that fall due at some time within 29 seconds, 2 processes × 2 threads.

Only for ours: the others keep delays in memory, or have a clock of their own choosing.
"""

from __future__ import annotations

import time

from bench.broker.assignment import Shape
from bench.broker.case import Case, Figures
from bench.broker.jobs import Kind
from bench.broker.server import Server
from bench.broker.systems import OURS, Facts
from bench.broker.trial import Trial

JOBS = 10_000

#: The first and the last fall due this long after they were enqueued (s).
FIRST, LAST = 1.0, 30.0

#: Longest wait for the last of them, after it was due (s).
PATIENCE = 30.0

#: Keys in a random order of their due times.
ENQUEUE = """
SELECT dramatiq.enqueue(
    'bench', 'job', jsonb_build_object('kind', 'noop', 'key', n), make_interval(secs => %s + (%s - %s) * random())
)
FROM generate_series(1, %s) AS n
"""

DUE = "SELECT jsonb_object_agg(message -> 'kwargs' ->> 'key', extract(epoch FROM due_at)) FROM dramatiq.queue"

READY = "SELECT count(*) >= 2 FROM dramatiq.worker"


def measure(server: Server, system: Facts) -> Figures:
    """late_p50_ms, late_p99_ms and late_most_ms: from the due time to the job; None where one did not come."""
    with Trial(server, system, Kind.NOOP, Shape(2, 2)) as trial:
        trial.start()
        trial.until(lambda: trial.query(READY), PATIENCE)
        trial.query(ENQUEUE, FIRST, LAST, FIRST, JOBS)
        due = {int(key): float(at) for key, at in trial.query(DUE).items()}
        trial.until(lambda: trial.recorded() >= JOBS, LAST + PATIENCE)
        offset = time.time() - time.monotonic()
        late = sorted(each.at + offset - due[each.key] for each in trial.records())
    if len(late) < JOBS:
        return {"late_p50_ms": None, "late_p99_ms": None, "late_most_ms": None}
    figures = {"late_p50_ms": late[JOBS // 2], "late_p99_ms": late[JOBS * 99 // 100], "late_most_ms": late[-1]}
    return {name: 1000 * seconds for name, seconds in figures.items()}


CASES = (Case("delays", measure, (OURS,), cap=LAST + PATIENCE),)
