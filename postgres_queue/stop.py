"""The one way in which a worker process stops: asked once, with a deadline that holds.

`request` may be called from a signal handler, by any thread, as often as it likes: the first call counts. Then
`stopping` is true, nothing more is claimed, and the callbacks run once, in order, in a thread of their own. Dramatiq
meanwhile ends its threads; what it does not bring to an end before the deadline is put back, and the process leaves.
Setting: seconds from the request to the end of the process. Events: queue.stopping, queue.abandoned.
Caveat: Dramatiq itself would wait ten minutes for an actor that does not return.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

from postgres_queue.logs import describe, tell

#: Part of the time that is kept for putting messages back (s), and its share of a short time.
RESERVE, RESERVE_SHARE = 2.0, 0.25

Callback = Callable[[], None]


class Stop:
    """Whether this process was asked to stop, and what happens then."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._requests: SimpleQueue[str] = SimpleQueue()  # its put is safe in a signal handler
        self._requested = False
        self._lock = threading.Lock()
        self._callbacks: list[Callback] = []
        self._finished = threading.Event()

    @property
    def stopping(self) -> bool:
        return self._requested

    def on_stop(self, callback: Callback) -> None:
        """Run `callback` as soon as the process is asked to stop; now, if it was."""
        with self._lock:
            if not self._requested:
                self._callbacks.append(callback)
                return
        _run(callback)

    def watch(self, abandon: Callable[[float], list[str]]) -> None:
        """Begin to wait for the request. `abandon(seconds)` puts back what still runs, and names it."""
        threading.Thread(target=self._watch, args=(abandon,), name="queue-stop", daemon=True).start()

    def request(self, why: str) -> None:
        """Stop this process."""
        self._requests.put(why)

    def finished(self) -> None:
        """Everything ended in order; there is nothing to abandon."""
        self._finished.set()

    def _watch(self, abandon: Callable[[float], list[str]]) -> None:
        why = self._requests.get()
        deadline = time.monotonic() + self._seconds
        tell(logging.INFO, "queue.stopping", why=why, within_seconds=self._seconds)
        self._notify()
        reserve = min(RESERVE, self._seconds * RESERVE_SHARE)
        if self._finished.wait(deadline - reserve - time.monotonic()) or multiprocessing.parent_process() is None:
            return  # a worker inside somebody's own process is his to end
        abandoned = abandon(reserve * 0.75)
        tell(logging.WARNING, "queue.abandoned", message_ids=",".join(abandoned) or "none")
        os._exit(0)

    def _notify(self) -> None:
        with self._lock:
            self._requested = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            _run(callback)


def _run(callback: Callback) -> None:
    try:
        callback()
    except Exception as error:  # noqa: BLE001 - one callback must not keep the others from running
        tell(logging.ERROR, "queue.stop_callback_failed", error=describe(error))
