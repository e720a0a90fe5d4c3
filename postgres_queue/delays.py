"""When the next delayed message falls due, and making it ready then.

Delays wait in the table, not in memory: this knows one time, asks for it again whenever the bell for delays rang, and
makes ready what is due, one batch with each turn, so that claims and endings never wait for a long past. All processes
know the same time; the first one there does it and rings for all.
"""

from __future__ import annotations

import time

from postgres_queue.connection import Session

#: Messages that become ready in one statement.
BATCH = 1000

#: Shortest time between two promotions (s): what falls due within it becomes ready together.
SHORTEST = 0.02


class Delays:
    """The dispatcher's clock."""

    def __init__(self) -> None:
        self._changed = True
        self._next_due = float("inf")

    def changed(self) -> None:
        """There may be a message that falls due earlier than all we know."""
        self._changed = True

    def expect(self, seconds: float) -> None:
        """A message falls due after so long."""
        self._next_due = min(self._next_due, time.monotonic() + seconds)

    def wait(self) -> float:
        """Seconds until something falls due; infinite if nothing does."""
        return max(0.0, self._next_due - time.monotonic())

    def promote(self, session: Session) -> None:
        """Make a batch ready of what is due, if it is time; if there is more, it stays time. Raises psycopg2.Error."""
        if self._changed or self.wait() == 0:
            self._changed = False
            ((count, seconds, _),) = session.run("promote", batch=BATCH)
            wait = float("inf") if seconds is None else max(SHORTEST, seconds)
            self._next_due = time.monotonic() + (0.0 if count == BATCH else wait)
