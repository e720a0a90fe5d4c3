"""The one way in which a worker process stops: asked once, with a deadline that holds.

`request` may be called from a signal handler, by any thread, as often as it likes: the first call counts. Then
`stopping` is true, nothing more is claimed, and the callbacks run once, in order, in a thread of their own. Dramatiq
meanwhile ends its threads; what it does not bring to an end before the deadline is put back, and the process leaves.
A process that lost one of its threads stops in the same way, by itself, and exits with EXIT_BROKEN.
Setting: seconds from the request to the end of the process. Events: queue.stopping, queue.abandoned.
Caveat: Dramatiq itself would wait ten minutes for an actor that does not return.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

from postgres_queue.logs import describe, tell

#: Part of the time that is kept for putting messages back (s), and its share of a short time.
RESERVE, RESERVE_SHARE = 2.0, 0.25

#: Exit code of a worker process that stopped because it could not go on; that of sysexits.h for a bug in the program.
EXIT_BROKEN = 70

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
        self._exit_code = 0

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

    def break_off(self, thread: str) -> None:
        """Stop this process because one of its threads died; the exit code shall tell."""
        self._exit_code = EXIT_BROKEN
        self.request(f"{thread} died")
        if _is_a_process_of_its_own():
            os.kill(os.getpid(), signal.SIGTERM)  # what Dramatiq's main loop waits for

    def finished(self) -> None:
        """Everything ended in order; there is nothing to abandon. Raises SystemExit if the process was broken off."""
        self._finished.set()
        if self._exit_code and _is_a_process_of_its_own():
            raise SystemExit(self._exit_code)

    def _watch(self, abandon: Callable[[float], list[str]]) -> None:
        why = self._requests.get()
        deadline = time.monotonic() + self._seconds
        tell(logging.INFO, "queue.stopping", why=why, within_seconds=self._seconds)
        self._notify()
        reserve = min(RESERVE, self._seconds * RESERVE_SHARE)
        if self._finished.wait(deadline - reserve - time.monotonic()) or not _is_a_process_of_its_own():
            return
        abandoned = abandon(reserve * 0.75)
        tell(logging.WARNING, "queue.abandoned", message_ids=",".join(abandoned) or "none")
        os._exit(self._exit_code)

    def _notify(self) -> None:
        with self._lock:
            self._requested = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            _run(callback)


def _is_a_process_of_its_own() -> bool:
    """Whether Dramatiq's master started it. A worker inside somebody's own process is his to end."""
    return multiprocessing.parent_process() is not None


def _run(callback: Callback) -> None:
    try:
        callback()
    except Exception as error:  # noqa: BLE001 - one callback must not keep the others from running
        tell(logging.ERROR, "queue.stop_callback_failed", error=describe(error))
