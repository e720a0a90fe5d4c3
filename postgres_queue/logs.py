"""One line per event on the logger `learning.queue`, and Dramatiq's own loggers made harmless.

An event is `name key=value …`; the name and the fields are also in the record (`queue_event`, `queue_fields`), for
handlers that want them apart. Fields are ids, codes, counts and timings.
Dramatiq prints an actor's exception with its text and every argument at ERROR: both may be a pupil's. `Delivery` prints
itself without arguments, and `quieten` replaces the exception by its class and place.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg2

_LOGGER = logging.getLogger("learning.queue")

_EXC_INFO = tuple[type[BaseException], BaseException, TracebackType | None]


def tell(level: int, event: str, **fields: Any) -> None:
    """Log one event."""
    if _LOGGER.isEnabledFor(level):
        text = " ".join([event, *(f"{key}={value}" for key, value in fields.items())])
        _LOGGER.log(level, "%s", text, extra={"queue_event": event, "queue_fields": fields})


def refuse(problem: str) -> None:
    """The one line of a worker that does not start."""
    tell(logging.ERROR, "queue.worker_refused", problem=problem)


def describe(error: BaseException) -> str:
    """A database error as class and SQLSTATE. Never its text: that quotes the statement, and so the arguments."""
    code = error.pgcode if isinstance(error, psycopg2.Error) else None
    return f"{type(error).__name__}({code})" if code else type(error).__name__


class WithoutExceptionText(logging.Filter):
    """Replaces a record's traceback by the exception's class and the last line of code of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            record.msg = f"{record.getMessage()} {_class_and_place(record.exc_info)}"
            record.args = ()
            record.exc_info = record.exc_text = None
        return True


def _class_and_place(info: _EXC_INFO) -> str:
    frames = traceback.extract_tb(info[2])
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"[{info[0].__name__}{place}]"


def quieten(*names: str) -> None:
    """Let these loggers say what happened without the text of exceptions. Calling it again changes nothing."""
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(each, WithoutExceptionText) for each in logger.filters):
            logger.addFilter(WithoutExceptionText())
