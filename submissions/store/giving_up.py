"""Failing submissions of all pupils that have waited too long for a stage; the worker's own right, by one function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from submissions.errors import Fault
from submissions.lifecycle import Stage, Step
from submissions.store.spare import SpareConnection

#: Most submissions in one transaction; the rest follows with the next.
BATCH = 100


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The unit that a failed submission waited for; `age_seconds` since it was handed in, or last requeued."""

    submission_id: UUID
    step: Step
    page: int
    claim: int
    attempt: int
    age_seconds: float


def give_up(spare: SpareConnection, stage: Stage, fault: Fault, max_wait_seconds: float) -> Iterator[GivenUp]:
    """Fail what waits for this stage and is older, with this fault as the reason, batch by batch."""
    values = {"stage": stage, "reason": fault.reason, "message": fault.message, "max_wait_seconds": max_wait_seconds}
    while True:
        rows = spare.rows("give_up", **values, limit=BATCH)
        for submission_id, step, page, claim, spent, age_seconds in rows:
            yield GivenUp(UUID(submission_id), Step(step), page, claim, spent, age_seconds)
        if len(rows) < BATCH:
            return
