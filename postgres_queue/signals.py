"""Signals of a worker process: repeats are one, and no worker outlives its master.

Dramatiq's own handler exits the process at the second SIGTERM, and platforms send two: one to the process group, one
through the master. So at worker boot its handler is put behind ours, which calls it once, and never lets it exit: its
first signal may have come before ours was there. SIGINT stays ignored in workers, as Dramatiq wants it: its master
turns one into a SIGTERM.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

#: prctl(PR_SET_PDEATHSIG), Linux only.
_SET_PARENT_DEATH_SIGNAL = 1


def take_over(request: Callable[[str], None]) -> None:
    """Ask to stop at SIGTERM and SIGHUP; the handler that was there runs too, the first time. Main thread only."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _Once(signal.getsignal(number), request))


class _Once:
    """A handler that passes its first signal of all on to the one before it."""

    _seen = False

    def __init__(self, before: object, request: Callable[[str], None]) -> None:
        self._before = before
        self._request = request

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self._request(signal.Signals(number).name)
        if not _Once._seen and callable(self._before):
            _Once._seen = True
            with suppress(SystemExit):
                self._before(number, frame)


def die_with_parent() -> None:
    """Get a SIGTERM when the master is killed; at once if it is gone already. For processes that a master started."""
    parent = multiprocessing.parent_process()
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent.pid:
        os.kill(os.getpid(), signal.SIGTERM)
