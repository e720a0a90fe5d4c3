"""Starts the queue's own threads: none may die and leave a process that looks alive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from postgres_queue.logs import describe, tell


def watched(name: str, run: Callable[[], None], on_death: Callable[[str], None]) -> threading.Thread:
    """A thread that runs `run`; an exception out of it is a bug, is logged, and ends in `on_death(name)`."""

    def guarded() -> None:
        try:
            run()
        except Exception as error:  # noqa: BLE001 - whatever it is, the process must not go on without this thread
            frames = error.__traceback__
            while frames is not None and frames.tb_next is not None:
                frames = frames.tb_next
            place = f"{frames.tb_frame.f_code.co_filename}:{frames.tb_lineno}" if frames is not None else "?"
            tell(logging.CRITICAL, "queue.thread_died", thread=name, error=describe(error), place=place)
            on_death(name)

    return threading.Thread(target=guarded, name=name, daemon=True)
