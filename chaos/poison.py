"""Whatever process claims a poisoned unit is killed at once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

from chaos.postgres import Asking

#: Runs of poisoned units at this moment: whose they are, their claim, the process.
AT_WORK = """
SELECT a.submission_id, a.step, a.page, a.claim, split_part(a.worker, ':', 2)::integer
FROM chaos.handed_in AS h
JOIN learning_submissions AS s ON s.idempotency_key = h.mark
JOIN learning_attempts AS a ON a.submission_id = s.id AND a.step = h.poison
WHERE h.poison <> '' AND a.ended_at IS NULL
"""
#: Between two looks, in seconds: far less than any unit takes.
PAUSE = 0.02


class Poison:
    """Watches in a thread of its own; `deaths` counts."""

    def __init__(self, database: Asking) -> None:
        self._database = database
        self._over = threading.Event()
        self._killed: set[tuple[object, ...]] = set()
        self._thread = threading.Thread(target=self._watch, name="poison", daemon=True)

    @property
    def deaths(self) -> int:
        return len(self._killed)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(PAUSE):
            for *run, process in self._database.rows(AT_WORK):
                if tuple(run) not in self._killed:
                    self._killed.add(tuple(run))
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
