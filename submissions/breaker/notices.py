"""What the operator is told about an outage: once when it begins, now and then while it lasts, once when it is over."""

from __future__ import annotations

import threading
import time

from submissions.errors import Fault, SetupFault
from submissions.events import emit

#: The same thing is told again after so many seconds.
REMIND = 600.0


class Notices:
    """Thread-safe. A wrong setup is told as an error that names the remedy, anything else as a warning."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], float] = {}

    def tell(self, concerns: str, fault: Fault) -> None:
        """That `concerns` is away because of this fault, unless it was told a moment ago."""
        now = time.monotonic()
        with self._lock:
            if now - self._told.get((concerns, fault.reason), -REMIND) < REMIND:
                return
            self._told[concerns, fault.reason] = now
        name = "setup.wrong" if isinstance(fault, SetupFault) else "server.away"
        emit(name, concerns=concerns, reason=fault.reason, problem=fault.message)

    def back(self, concerns: str, seconds: float) -> None:
        with self._lock:
            self._told = {key: at for key, at in self._told.items() if key[0] != concerns}
        emit("server.back", concerns=concerns, away_seconds=seconds)
