"""How long until a job runs again whose worker process was killed, with another worker idle all the time."""

from __future__ import annotations

import os
import signal
import time

from bench.broker.case import Case, Figures
from bench.broker.jobs import Kind
from bench.broker.journal import What
from bench.broker.server import APPLICATION, Server
from bench.broker.systems import Facts
from bench.broker.trial import Trial

#: What did not come by then is told as "> 300 s" (s).
CAP = 300.0

#: Longest time for a worker to be up, and how long its sessions have to be the same to call it so (s).
PATIENCE, SETTLED = 20.0, 2.0

_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> %s"


def measure(server: Server, system: Facts) -> Figures:
    """seconds from SIGKILL to the second start of the job."""
    with Trial(server, system, Kind.HOLD) as trial:
        trial.fill(1)
        trial.start()
        if not trial.until(trial.recorded, PATIENCE):
            return {"seconds": None}
        _settle(trial)
        trial.start()
        _settle(trial)
        (first,) = trial.records()
        os.kill(first.pid, signal.SIGKILL)
        killed = time.monotonic()
        trial.until(lambda: trial.recorded() > 1, CAP)
        starts = [each.at for each in trial.records() if each.what is What.STARTED]
    return {"seconds": starts[1] - killed if len(starts) > 1 else None}


def _settle(trial: Trial) -> None:
    """Wait until a worker that was just started has opened all its sessions."""
    since, seen = time.monotonic(), -1

    def settled() -> bool:
        nonlocal since, seen
        now = int(trial.query(_SESSIONS, APPLICATION))
        if now != seen:
            since, seen = time.monotonic(), now
        return time.monotonic() - since > SETTLED

    trial.until(settled, PATIENCE)


CASES = (Case("redelivery", measure, together=True, cap=CAP),)
