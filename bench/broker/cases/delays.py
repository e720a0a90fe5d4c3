"""How late delayed messages start: 10 000 that fall due at some time within 29 seconds, 2 processes × 2 threads.

Once with workers that go on all the time, once with workers that are killed after ten seconds and started again.
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

#: The first and the last fall due this long after they were enqueued (s), and the workers are killed.
FIRST, LAST, KILLED = 1.0, 30.0, 10.0

#: Longest wait for the last of them, after it was due (s).
PATIENCE = 30.0

SHAPE = Shape(2, 2)

#: Keys in a random order of their due times.
ENQUEUE = """
SELECT dramatiq.enqueue(
    'bench', 'job', jsonb_build_object('kind', 'noop', 'key', n), make_interval(secs => %s + (%s - %s) * random())
)
FROM generate_series(1, %s) AS n
"""

DUE = "SELECT jsonb_object_agg(message -> 'kwargs' ->> 'key', extract(epoch FROM due_at)) FROM dramatiq.queue"

#: When the first of the workers that started after this time was there; null until all are.
READY = """
SELECT CASE WHEN count(*) >= %s THEN extract(epoch FROM min(started_at)) END
FROM dramatiq.worker WHERE started_at > to_timestamp(%s)
"""


def without_restart(server: Server, system: Facts) -> Figures:
    """late_p50_ms, late_p99_ms and late_most_ms: from the due time to the job; None where one did not come."""
    with Trial(server, system, Kind.NOOP, SHAPE) as trial:
        due = _start_and_enqueue(trial)
        trial.until(lambda: trial.recorded() >= JOBS, LAST + PATIENCE)
        late = sorted(at - due[key] for key, at in _starts(trial).items())
    if len(late) < JOBS:
        return {"late_p50_ms": None, "late_p99_ms": None, "late_most_ms": None}
    figures = {"late_p50_ms": late[JOBS // 2], "late_p99_ms": late[JOBS * 99 // 100], "late_most_ms": late[-1]}
    return {name: 1000 * seconds for name, seconds in figures.items()}


def with_restart(server: Server, system: Facts) -> Figures:
    """late_most_s: from the due time, or from the workers' readiness if that came later, to the job.

    Of those that fell due after the kill: what was in a thread then comes back with the dead process's messages.
    """
    with Trial(server, system, Kind.NOOP, SHAPE) as trial:
        due = _start_and_enqueue(trial)
        time.sleep(KILLED)
        trial.kill()
        killed = time.time()
        trial.start()
        ready = _ready(trial, since=killed)
        trial.until(lambda: trial.query("SELECT NOT EXISTS (SELECT FROM dramatiq.queue)"), LAST + PATIENCE)
        starts = _starts(trial)
    concerned = [key for key, at in due.items() if at > killed]
    if ready is None or not starts.keys() >= set(concerned):
        return {"late_most_s": None}
    return {"late_most_s": max(starts[key] - max(due[key], ready) for key in concerned)}


def _start_and_enqueue(trial: Trial) -> dict[int, float]:
    """Key → when it falls due, as seconds since 1970."""
    trial.start()
    _ready(trial, since=0.0)
    trial.query(ENQUEUE, FIRST, LAST, FIRST, JOBS)
    return {int(key): float(at) for key, at in trial.query(DUE).items()}


def _ready(trial: Trial, since: float) -> float | None:
    """When the workers were there that started after `since`; None if they were not in time."""
    trial.until(lambda: trial.query(READY, SHAPE.processes, since), PATIENCE)
    ready = trial.query(READY, SHAPE.processes, since)
    return None if ready is None else float(ready)


def _starts(trial: Trial) -> dict[int, float]:
    """Key → when it first ran, as seconds since 1970."""
    offset = time.time() - time.monotonic()
    return {each.key: each.at + offset for each in reversed(trial.records())}


CASES = (
    Case("delays", without_restart, (OURS,), cap=LAST + PATIENCE),
    Case("delays-restart", with_restart, (OURS,), cap=LAST + PATIENCE),
)
