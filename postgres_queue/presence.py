"""How a worker process shows that it lives: a session lock, or beats where no session lasts.

The owner id is given by the database at start and stamped on every message that the process claims. The lock is free
the moment the process dies, and never because it is slow. Behind a transaction-pooling PgBouncer there is no session:
then the process moves `beat_at` in its row, and is taken for dead only after `BEAT_PATIENCE` without a beat.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Sequence

from postgres_queue.connection import Session

#: An absent owner is dead when it stayed absent for so long (s) of the observer's own unbroken connection.
LOCK_PATIENCE = 3.0
BEAT_PATIENCE = 15.0


class Presence:
    """This process's sign of life, kept up by the keeper's thread."""

    def __init__(self, session: Session, *, threads: int, queues: Sequence[str], beats: bool) -> None:
        self._session = session
        self._beats = beats
        self._row = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "threads": threads,
            "queues": list(queues),
            "beats": beats,
        }
        self._locked = False
        self._shown = threading.Event()
        self._shown_at = 0.0
        self.owner = 0

    @property
    def is_shown(self) -> bool:
        """Whether others can see that this process lives; nothing may be claimed without."""
        fresh = not self._beats or time.monotonic() - self._shown_at < BEAT_PATIENCE / 3
        return fresh and self._shown.is_set()

    def register(self) -> int:
        """Get an owner id, and be present. Raises psycopg2.Error."""
        ((self.owner,),) = self._session.run("register", **self._row)
        self.show()
        return self.owner

    def show(self) -> None:
        """Be present; called at each tick, and first of all on a new connection. Raises psycopg2.Error."""
        if self._beats or not self._locked:
            self._session.run("register_again", owner=self.owner, **self._row)
        if not self._beats and not self._locked:
            # False where our own broken session still holds it: nobody can take us for dead meanwhile.
            ((self._locked,),) = self._session.run("take_presence", owner=self.owner)
        self._shown_at = time.monotonic()
        self._shown.set()

    def lost(self) -> None:
        """The connection broke, and the lock with it."""
        self._locked = False
        self._shown.clear()

    def leave(self) -> None:
        """An orderly end. Raises psycopg2.Error."""
        self._shown.clear()
        self._session.run("leave", owner=self.owner)
