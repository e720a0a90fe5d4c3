"""Removes what nobody needs any more: rejected messages after their time, and left-overs of stock's own tools.

About once a minute, by one process for all: whoever moves the row of `dramatiq.chore` does it. Finished messages are
not its concern; they leave with the commit that finishes them.
Settings: days that rejected messages are kept. Events: queue.dropped.
"""

from __future__ import annotations

import logging
import random
import time

from postgres_queue.connection import Session
from postgres_queue.logs import tell

#: Time between two rounds (s), and how far each process's next look strays from it, so that they do not come together.
PERIOD, JITTER = 60.0, 0.2

#: Rows removed by one statement: short transactions, whatever has piled up.
BATCH = 1000


class Housekeeping:
    """The timer of this process, on the keeper's session."""

    def __init__(self, session: Session, *, keep_rejected_days: int) -> None:
        self._session = session
        self._days = keep_rejected_days
        self._next = 0.0

    def look(self) -> None:
        """Do a round if it is time and nobody else did. Raises psycopg2.Error."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PERIOD * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
        if self._session.run("elect", name="housekeeping", period=PERIOD * (1 - JITTER)):
            self._round()

    def _round(self) -> None:
        rejected = self._drop("drop_rejected", days=self._days)
        done = self._drop("drop_done")
        if rejected or done:
            tell(logging.INFO, "queue.dropped", rejected=rejected, done=done)

    def _drop(self, statement: str, **values: int) -> int:
        total, count = 0, BATCH
        while count == BATCH:
            ((count,),) = self._session.run(statement, batch=BATCH, **values)
            total += count
        return total
