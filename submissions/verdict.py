"""How an attempt ends: five values that one statement turns into rows (`attempt.py` calls it, nobody else).

Done and Superseded are what storing a result returned; the others come from an error's class (`errors.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The word that stands in learning_attempts.verdict."""

    DONE = "done"
    RETRY = "retry"  # counts; exponential backoff; only this unit waits
    SNOOZE = "snooze"  # does not count; bounded by the submission's age
    DISCARD = "discard"  # final at once: the input cannot be read by anybody
    CANCEL = "cancel"  # withdrawn


@dataclass(frozen=True, slots=True)
class Verdict:
    """An ending that is not Done.

    `after` is the wait in seconds for retry and snooze, counted from the ending; None: the life cycle's own.
    `reason` is the stable code of the fault (`errors.Fault.reason`), `message` a sentence without pupils' data.
    `of_page`: where it is final and other pages can be read, it costs the page and not the submission.
    """

    outcome: Outcome
    reason: str
    message: str
    after: float | None = None
    of_page: bool = False
