"""What goes wrong beside poison and faults, when the plan says so; each is noted in chaos.happened."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from random import Random

from chaos.model_server import VISION, ModelServer
from chaos.plan import Event, Plan
from chaos.postgres import PATIENCE, Asking, Postgres
from chaos.worker import Supervisor

#: Worker processes that live: those whose lock is held.
WORKERS = "SELECT w.pid FROM dramatiq.worker AS w JOIN dramatiq.present AS p USING (owner) ORDER BY w.owner"
CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
#: Runs of processes that live.
AT_WORK = """
SELECT count(*) FROM learning_attempts AS a
JOIN dramatiq.worker AS w ON w.host || ':' || w.pid = a.worker JOIN dramatiq.present AS p USING (owner)
WHERE a.ended_at IS NULL
"""
BEGAN = "UPDATE chaos.happened SET began = clock_timestamp() WHERE number = %s"
ENDED = "UPDATE chaos.happened SET ended = clock_timestamp() WHERE number = %s"


class Disturbances:
    """A thread for each, because some take long."""

    def __init__(self, plan: Plan, postgres: Postgres, server: ModelServer, supervisor: Supervisor) -> None:
        self._plan, self._postgres, self._server, self._supervisor = plan, postgres, server, supervisor
        self._chance = Random(plan.seed)
        self._one_at_a_time = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(number, event), name=event.what, daemon=True)
            for number, event in enumerate(plan.events)
        ]

    def start(self) -> None:
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    @property
    def done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, number: int, event: Event) -> None:
        time.sleep(max(0, self._began + event.at - time.monotonic()))
        database = Asking(self._postgres.url())
        self._wait_for_work(database)
        database.rows(BEGAN, number)
        print(f"  {event.at:5.0f} s  {event.what} {event.how}".rstrip(), flush=True)
        self._do(event, database)
        database.rows(ENDED, number)
        database.close()

    def _do(self, event: Event, database: Asking) -> None:
        size = self._plan.size
        if event.what == "worker killed":
            self._kill_a_worker(database)
        elif event.what == "worker stopped":
            self._supervisor.terminate()
        elif event.what == "Postgres restarted":
            self._postgres.restart(event.how)
        elif event.what == "connections cut":
            database.rows(CUT)
        elif event.what == "model reloaded":
            with self._one_at_a_time:
                self._server.reload(VISION, size.reload_seconds)
        elif event.what == "model server gone":
            with self._one_at_a_time:
                self._server.stop()
                time.sleep(size.outage_seconds)
                self._server.start()

    def _wait_for_work(self, database: Asking) -> None:
        """Nothing is learnt from what strikes while nothing is under way; there may be nothing for a while."""
        deadline = time.monotonic() + PATIENCE
        while database.rows(AT_WORK) == [(0,)] and time.monotonic() < deadline:
            time.sleep(0.05)

    def _kill_a_worker(self, database: Asking) -> None:
        """One that lives: waits until there is one."""
        while True:
            workers = [pid for (pid,) in database.rows(WORKERS)]
            with contextlib.suppress(ProcessLookupError, IndexError):
                os.kill(self._chance.choice(workers), signal.SIGKILL)
                return
            time.sleep(0.1)
