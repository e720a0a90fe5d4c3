"""What happened, one JSON line each: the only way in which the worker tells anything.

`emit()` takes a name of the table below and exactly its fields; docs/events.md is generated from the table. Fields are
ids, codes, counts and timings: never text, names of files or keys. The level decides who reads it: warnings are for
the operator, errors want an answer. Whoever counts (`metrics/`) subscribes to names; nothing is told twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_LOGGER = logging.getLogger("learning")

#: Is told the fields of an event, right after it was logged, in the thread that emitted it.
Subscriber = Callable[[Mapping[str, Any]], None]

_SUBSCRIBERS: dict[str, list[Subscriber]] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event: its level, its fields, and what it means."""

    level: int
    fields: tuple[str, ...]
    text: str


_UNIT = ("submission_id", "step", "page")
_ATTEMPT = (*_UNIT, "claim", "attempt")

EVENTS = {
    "worker.ready": Event(logging.INFO, ("threads",), "This process takes messages."),
    "worker.refused": Event(
        logging.ERROR, ("problem",), "This process cannot work as it is set up: it takes nothing and exits."
    ),
    "unit.skipped": Event(
        logging.INFO,
        (*_UNIT, "outcome"),
        "A message rang for a unit with nothing to run: over, unknown, routed, suspect.",
    ),
    "unit.suspect": Event(
        logging.WARNING, _UNIT, "It was in flight when a process died: it waits until it can run alone here."
    ),
    "attempt.started": Event(
        logging.INFO, (*_ATTEMPT, "waited_seconds"), "A unit was claimed, so long after it could have been."
    ),
    "model.answered": Event(
        logging.INFO,
        (
            *_ATTEMPT,
            "model",
            "prompt_tokens",
            "output_tokens",
            "load_seconds",
            "prompt_seconds",
            "generation_seconds",
        ),
        "The model server gave a complete answer; whether it can be used comes next.",
    ),
    "answer.poor": Event(
        logging.WARNING,
        (*_ATTEMPT, "reason"),
        "The answer about a page is not its text; it is asked for once more, then what can be believed is kept.",
    ),
    "attempt.done": Event(logging.INFO, (*_ATTEMPT, "seconds"), "Its result is stored."),
    "submission.completed": Event(
        logging.INFO,
        ("submission_id", "seconds"),
        "Its feedback is stored, so long after it was handed in or requeued.",
    ),
    "attempt.superseded": Event(
        logging.WARNING, _ATTEMPT, "Another claim has the unit: this result or ending was dropped."
    ),
    "attempt.retry": Event(logging.WARNING, (*_ATTEMPT, "reason", "delay_seconds"), "It failed and will run again."),
    "attempt.snooze": Event(
        logging.WARNING, (*_ATTEMPT, "reason", "delay_seconds"), "It could not run now; no attempt was spent."
    ),
    "attempt.cancelled": Event(
        logging.INFO,
        (*_ATTEMPT, "reason"),
        "Its unit is not wanted any more: the submission was withdrawn, has ended, or has its text from elsewhere.",
    ),
    "attempt.failed": Event(
        logging.WARNING,
        (*_ATTEMPT, "reason"),
        "It cannot be made up for: its page is given up, or with it the submission has failed.",
    ),
    "submission.failed": Event(
        logging.ERROR, (*_ATTEMPT, "reason", "error_code", "seconds"), "It failed for good, because of this unit."
    ),
    "setup.wrong": Event(
        logging.ERROR,
        ("concerns", "reason", "problem"),
        "Work that needs it waits until the setup is mended as it says.",
    ),
    "server.away": Event(
        logging.WARNING,
        ("concerns", "reason", "problem"),
        "The model server or a model cannot be had: this process asks no more and looks now and then.",
    ),
    "circuit.opened": Event(
        logging.INFO, ("concerns", "reason"), "The work of this process that needs it pauses; `server.back` ends that."
    ),
    "server.back": Event(logging.INFO, ("concerns", "away_seconds"), "It answers again; work goes on."),
    "upkeep.done": Event(
        logging.INFO,
        ("rung", "freed", "routed", "attempts", "submissions", "kept", "seconds"),
        "A round of upkeep: lost messages rung again, units set free, submissions routed; attempts and submissions"
        " removed because of their age; kept: submissions whose files the storage did not let go.",
    ),
    "store.away": Event(logging.WARNING, ("waited_seconds",), "The database cannot be told; a result is kept for it."),
    "metrics.ready": Event(logging.INFO, ("address", "port"), "Metrics are served there."),
    "metrics.unserved": Event(
        logging.WARNING,
        ("address", "port", "error"),
        "The metrics' port cannot be had (EADDRINUSE: another program has it); it is tried again until it can.",
    ),
    "unexpected": Event(logging.ERROR, ("where", "error", "place"), "An exception that nobody foresaw: report it."),
}


def emit(name: str, **fields: Any) -> None:
    """Tell about one event. The fields must be those of its kind: a misspelt one is a bug, and fails its test."""
    event = EVENTS[name]
    if set(fields) != set(event.fields):
        raise ValueError(f"event {name} has the fields {event.fields}, not {tuple(fields)}")
    _log(name, fields)
    for subscriber in _SUBSCRIBERS.get(name, ()):
        try:
            subscriber(fields)
        except Exception as problem:  # noqa: BLE001 - whoever counts must never fail an attempt
            _log("unexpected", {"where": name, "error": type(problem).__name__, "place": place_of(problem)})


def subscribe(name: str, subscriber: Subscriber) -> None:
    """Let `subscriber` know of every event of this name in this process. Raises KeyError for an unknown name."""
    if name not in EVENTS:
        raise KeyError(name)
    _SUBSCRIBERS.setdefault(name, []).append(subscriber)


def _log(name: str, fields: Mapping[str, Any]) -> None:
    _LOGGER.log(EVENTS[name].level, name, extra={"event": fields})


def place_of(problem: BaseException) -> str:
    """File and line where an exception was raised: enough to find it, without the text that it may quote."""
    trace = problem.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "unknown"
