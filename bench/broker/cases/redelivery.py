"""How long until a job runs again whose worker process was killed, with another worker idle all the time."""

from __future__ import annotations

import os
import signal
import time

from bench.broker.case import Case, Figures
from bench.broker.jobs import Kind
from bench.broker.journal import What
from bench.broker.server import APPLICATION, SESSIONS, Server
from bench.broker.systems import Facts
from bench.broker.trial import Trial

#: What did not come by then is told as "> 300 s" (s).
CAP = 300.0

#: Longest time for a worker to be up, and how long its sessions have to be the same to call it so (s).
PATIENCE, SETTLED = 20.0, 2.0


def measure(server: Server, system: Facts) -> Figures:
    """seconds from SIGKILL to the second start of the job."""
    with Trial(server, system, Kind.HOLD) as trial:
        trial.fill(1)
        trial.start()
        if not trial.until(trial.recorded, PATIENCE):
            return {"seconds": None}
        first_sessions = _settle(trial, above=0)
        trial.start()
        _settle(trial, above=first_sessions)
        (first,) = trial.records()
        os.kill(first.pid, signal.SIGKILL)
        killed = time.monotonic()
        trial.until(lambda: trial.recorded() > 1, CAP)
        starts = [each.at for each in trial.records() if each.what is What.STARTED]
    return {"seconds": starts[1] - killed if len(starts) > 1 else None}


def _settle(trial: Trial, above: int) -> int:
    """Wait until there are more than `above` sessions and their number stays; returns it. One that boots has none."""
    since, seen = time.monotonic(), -1

    def settled() -> bool:
        nonlocal since, seen
        now = int(trial.query(SESSIONS, APPLICATION))
        if now != seen:
            since, seen = time.monotonic(), now
        return now > above and time.monotonic() - since > SETTLED

    if not trial.until(settled, PATIENCE):
        raise RuntimeError(f"no worker of {trial.system.name} was up after {PATIENCE:g} s")
    return seen


CASES = (Case("redelivery", measure, together=True, cap=CAP),)
