"""Starts the queue's own threads: none may die and leave a process that looks alive."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable

from postgres_queue.logs import describe, tell


def watched(name: str, run: Callable[[], None], on_death: Callable[[str], None]) -> threading.Thread:
    """A thread that runs `run`; an exception out of it is a bug, is logged, and ends in `on_death(name)`."""

    def guarded() -> None:
        try:
            run()
        except Exception as error:  # noqa: BLE001 - whatever it is, the process must not go on without this thread
            last = traceback.extract_tb(error.__traceback__)[-1]
            tell(
                logging.CRITICAL,
                "queue.thread_died",
                thread=name,
                error=describe(error),
                place=f"{last.name}:{last.lineno}",
            )
            on_death(name)

    return threading.Thread(target=guarded, name=name, daemon=True)
