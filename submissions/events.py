"""What happened, one JSON line each: the only way in which the worker tells anything.

`emit()` takes a name of the table below and exactly its fields; docs/events.md is generated from the table. Fields are
ids, codes, counts and timings: never text, names of files or keys. The level decides who reads it: warnings are for
the operator, errors want an answer.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_LOGGER = logging.getLogger("learning")


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event: its level, its fields, and what it means."""

    level: int
    fields: tuple[str, ...]
    text: str


_UNIT = ("submission_id", "step", "page")
_ATTEMPT = (*_UNIT, "claim", "attempt")

EVENTS = {
    "worker.ready": Event(logging.INFO, ("threads",), "The worker checked its setup and takes messages."),
    "worker.refused": Event(logging.ERROR, ("problem",), "The worker does not start; the problem says what to do."),
    "unit.skipped": Event(
        logging.INFO,
        (*_UNIT, "outcome"),
        "A message rang for a unit with nothing to run: over, unknown, routed, worn_out.",
    ),
    "attempt.started": Event(logging.INFO, _ATTEMPT, "A unit was claimed."),
    "attempt.done": Event(logging.INFO, (*_ATTEMPT, "seconds"), "Its result is stored."),
    "attempt.superseded": Event(
        logging.WARNING, _ATTEMPT, "Another claim has the unit: this result or ending was dropped."
    ),
    "attempt.retry": Event(logging.WARNING, (*_ATTEMPT, "reason", "delay_seconds"), "It failed and will run again."),
    "attempt.snooze": Event(
        logging.WARNING, (*_ATTEMPT, "reason", "delay_seconds"), "It could not run now; no attempt was spent."
    ),
    "attempt.cancelled": Event(logging.INFO, (*_ATTEMPT, "reason"), "The submission was withdrawn."),
    "submission.failed": Event(
        logging.ERROR, (*_ATTEMPT, "reason", "error_code"), "It failed for good, because of this unit."
    ),
    "setup.wrong": Event(logging.ERROR, ("reason", "problem"), "Work waits until the setup is mended as it says."),
    "store.away": Event(logging.WARNING, ("waited_seconds",), "The database does not answer; a result is kept for it."),
    "unexpected": Event(logging.ERROR, ("where", "error", "place"), "An exception that nobody foresaw: report it."),
}


def emit(name: str, **fields: Any) -> None:
    """Log one event. The fields must be those of its kind: a misspelt one is a bug, and fails its test."""
    event = EVENTS[name]
    if set(fields) != set(event.fields):
        raise ValueError(f"event {name} has the fields {event.fields}, not {tuple(fields)}")
    _LOGGER.log(event.level, name, extra={"event": fields})


def place_of(problem: BaseException) -> str:
    """File and line where an exception was raised: enough to find it, without the text that it may quote."""
    trace = problem.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "unknown"


class _JsonLines(logging.Formatter):
    """One line per record; foreign records keep their message, without arguments of exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "event", {"logger": record.name}),
        }
        return json.dumps(line, default=str)


def configure_logging(level: str) -> None:
    """Our events as JSON lines on standard error, and nothing twice."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    _LOGGER.handlers = [handler]
    _LOGGER.setLevel(level)
    _LOGGER.propagate = False


def table() -> str:
    """The text of docs/events.md."""
    lines = ["# Events", "", "Made by `make generated` from submissions/events.py.", ""]
    lines += ["| event | level | fields | meaning |", "|---|---|---|---|"]
    for name, event in EVENTS.items():
        level = logging.getLevelName(event.level).lower()
        lines.append(f"| `{name}` | {level} | {', '.join(event.fields)} | {event.text} |")
    return "\n".join(lines) + "\n"
