"""Who runs beside whom in a worker process: ordinary units share it, a suspect has it alone.

A dead process does not tell which of its threads killed it. So units that were in flight at a death run again one at a
time (docs/decisions/0004-quarantine.md): `alone()` waits until every unit that runs here has ended, and keeps others
out meanwhile. Whoever waits here has claimed nothing and holds no transaction. When the process is asked to stop, all
who wait, and all who come later, get GateClosed.
Caveat: while a suspect waits for a long model call to end, threads that become free wait behind it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class GateClosed(Exception):
    """The process was asked to stop before it was this unit's turn: nothing was begun."""


class Gate:
    """One per process; a thread passes once at a time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._alone = False
        #: How many wait for their turn to run alone.
        self.suspects_waiting = 0
        self._closed = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Run beside others. A suspect that waits goes first: a stream of newcomers cannot keep it waiting."""
        with self._changed:
            self._wait(lambda: not self._alone and not self.suspects_waiting)
            self._running += 1
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Run while nothing else does."""
        with self._changed:
            self.suspects_waiting += 1
            try:
                self._wait(lambda: not self._running)
            finally:
                self.suspects_waiting -= 1
                self._changed.notify_all()
            self._running, self._alone = 1, True
        try:
            yield
        finally:
            self._leave()

    def close(self) -> None:
        """The process stops."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wait(self, is_free: Callable[[], bool]) -> None:
        self._changed.wait_for(lambda: self._closed or is_free())
        if self._closed:
            raise GateClosed

    def _leave(self) -> None:
        with self._changed:
            self._running -= 1
            self._alone = False
            self._changed.notify_all()
