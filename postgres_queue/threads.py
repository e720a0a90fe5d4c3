"""Notices a thread that dies: none may leave behind a process that looks alive.

Python itself would print the exception with its text, which may quote a pupil, and go on without the thread.
Events: queue.thread_died.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from postgres_queue.logs import tell


def watch(threads: Callable[[], Iterable[threading.Thread]], on_death: Callable[[str], None]) -> None:
    """From now on, call `on_death(name)` when an exception ends one of these threads; other threads end as before."""
    before = threading.excepthook

    def hook(died: threading.ExceptHookArgs) -> None:
        if died.thread is None or died.thread not in threads():
            before(died)
            return
        last = traceback.extract_tb(died.exc_traceback)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        tell(
            logging.CRITICAL,
            "queue.thread_died",
            thread=died.thread.name,
            error=died.exc_type.__name__,
            place=place,
        )
        on_death(died.thread.name)

    threading.excepthook = hook
