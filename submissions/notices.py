"""What the operator is told about an outage: once when it begins, now and then while it lasts, once when it is over.

Events: server.away, server.back, setup.wrong.
"""

from __future__ import annotations

import threading
import time

from submissions.errors import DatabaseUnready, Fault, ModelUnloadable, SetupFault, StorageUnfit
from submissions.events import emit

#: The same thing is told again after so many seconds.
REMIND = 600.0

#: A model that so many looks in a row could not have loaded is not loaded by waiting.
LASTING = 20


class Notices:
    """Thread-safe. A wrong setup is told as an error that names the remedy, anything else as a warning."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str, str], float] = {}
        self._unloadable: dict[str, int] = {}

    def tell(self, concerns: str, fault: Fault) -> None:
        """That `concerns` was found away because of this fault, unless it was told a moment ago."""
        found = self._unloadable.get(concerns, 0) + 1 if isinstance(fault, ModelUnloadable) else 0
        self._unloadable[concerns] = found
        name = "setup.wrong" if isinstance(fault, SetupFault) or found >= LASTING else "server.away"
        self.say(name, concerns, fault.reason, fault.message)

    def say(self, event: str, concerns: str, reason: str, problem: str) -> None:
        """The same in words of one's own."""
        now = time.monotonic()
        with self._lock:
            if now - self._told.get((event, concerns, reason), -REMIND) < REMIND:
                return
            self._told[event, concerns, reason] = now
        emit(event, concerns=concerns, reason=reason, problem=problem)

    def back(self, concerns: str, seconds: float) -> None:
        with self._lock:
            self._told = {key: at for key, at in self._told.items() if key[1] != concerns}
            self._unloadable.pop(concerns, None)
        emit("server.back", concerns=concerns, away_seconds=seconds)


_of_this_process = Notices()


def tell_unready(problem: DatabaseUnready) -> None:
    """That the database cannot be used as it is, with the remedy; from whichever thread of the process notices it."""
    _of_this_process.say("setup.wrong", "the database", "database_unready", str(problem))


def tell_unfit(fault: StorageUnfit) -> None:
    """That the storage's setup is wrong, as an attempt met it; each attempt that needs a file meets it again."""
    _of_this_process.tell("storage", fault)
