"""Looks whether what is away is back, until it is; in a thread that lives as long as its circuit is open.

Knocking costs nothing, so it is done every WORKER_PROBE_SECONDS: a server that was away is found again that soon. The
tiny request may make the server load a model, so each failure of it doubles the wait before the next. A probe has the
patience of the request that failed: one with less would abort each load that takes longer (reference §2).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from submissions.breaker.probe import Probe
from submissions.errors import Fault
from submissions.events import emit, place_of

#: The longest wait between two tiny requests is so many times WORKER_PROBE_SECONDS.
SLOWEST = 16


class Watch:
    """`on_away` is told after each look what was found, first `cause`; `on_back` once, that it is back."""

    def __init__(
        self,
        probe: Probe,
        seconds: float,
        cause: Fault,
        *,
        on_away: Callable[[Fault], None],
        on_back: Callable[[], None],
    ) -> None:
        self._probe = probe
        self._seconds = seconds
        self._found = cause
        self._on_away, self._on_back = on_away, on_back
        self._failures = 0
        self._ask_after = 0.0

    def run(self, first_seconds: float, over: Callable[[], bool], stop: threading.Event) -> None:
        """Look until it is back, `over()`, or the process stops. `first_seconds`: the wait before the first look."""
        wait = first_seconds
        while not stop.wait(wait * random.uniform(0.8, 1.2)) and not over():  # noqa: S311 - no secret
            try:
                if self._is_back():
                    self._on_back()
                    return
                if not stop.is_set():
                    self._on_away(self._found)
            except Exception as problem:  # noqa: BLE001 - a watch that dies leaves its queues paused for ever
                emit("unexpected", where="breaker", error=type(problem).__name__, place=place_of(problem))
            wait = self._seconds

    def _is_back(self) -> bool:
        try:
            self._probe.knock()
            if time.monotonic() < self._ask_after:
                return False
            self._ask()
        except Fault as fault:
            self._found = fault
            return False
        return True

    def _ask(self) -> None:
        try:
            self._probe.ask()
        except Fault:
            self._failures += 1
            self._ask_after = time.monotonic() + self._seconds * min(2**self._failures, SLOWEST)
            raise
