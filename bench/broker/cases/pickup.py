"""How long an idle worker takes to start a job: from the producer's call to the first line of the job.

The producer's own commit is part of it; its rate stands beside it in the table.
"""

from __future__ import annotations

from bench.broker.case import Case, Figures
from bench.broker.jobs import Kind
from bench.broker.journal import What
from bench.broker.server import Server
from bench.broker.systems import Facts
from bench.broker.trial import Trial

#: Jobs, and the time between them (s): long enough that the worker is idle again.
JOBS, PAUSE = 220, 0.05

#: The first ones open connections.
SKIPPED = 20

#: Longest time for the last of them to come (s).
PATIENCE = 10.0


def measure(server: Server, system: Facts) -> Figures:
    """p50_ms and p99_ms; a job that did not come in time makes both None."""
    with Trial(server, system, Kind.NOOP) as trial:
        trial.fill(1)
        trial.start()
        trial.until(trial.recorded, PATIENCE)
        trial.drive("send", str(JOBS), str(PAUSE))
        trial.until(lambda: trial.recorded() > 2 * JOBS, PATIENCE)
        records = trial.records()[1:]
    sent = {each.key: each.at for each in records if each.what is What.SENT}
    waits = sorted(each.at - sent[each.key] for each in records if each.what is What.ENDED and each.key > SKIPPED)
    if len(waits) < JOBS - SKIPPED:
        return {"p50_ms": None, "p99_ms": None}
    return {"p50_ms": 1000 * waits[len(waits) // 2], "p99_ms": 1000 * waits[len(waits) * 99 // 100]}


CASES = (Case("pick-up", measure, cap=PATIENCE),)
