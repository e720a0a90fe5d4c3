"""Removes what nobody needs any more: rejected messages after their time, and left-overs of stock's own tools.

About once a minute, by one process for all: whoever moves the row of `dramatiq.chore` does it. Finished messages are
not its concern; they leave with the commit that finishes them. A batch with each look: the keeper has more to do.
Settings: days that rejected messages are kept. Events: queue.dropped.
"""

from __future__ import annotations

import logging
import random
import time
from collections import Counter

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
        self._dropped: Counter[str] = Counter()
        self.has_more = False

    def look(self) -> None:
        """If it is time and nobody else did: a batch; `has_more` if the round is not through. Raises psycopg2.Error."""
        if self.has_more or self._elected():
            self._drop_a_batch()

    def _elected(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + PERIOD * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
        return bool(self._session.run("elect", name="housekeeping", period=PERIOD * (1 - JITTER)))

    def _drop_a_batch(self) -> None:
        ((rejected,),) = self._session.run("drop_rejected", batch=BATCH, days=self._days)
        ((done,),) = self._session.run("drop_done", batch=BATCH)
        self._dropped.update(rejected=rejected, done=done)
        self.has_more = BATCH in (rejected, done)
        if not self.has_more and self._dropped.total():
            tell(logging.INFO, "queue.dropped", **self._dropped)
            self._dropped.clear()
