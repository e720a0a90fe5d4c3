"""The Vision actor: opens a submission's documents, or reads one page of them."""

from uuid import UUID

import dramatiq

from actors.doorbell import answer
from broker import broker
from submissions.lifecycle import Stage, Step
from submissions.store.work import Unit


@dramatiq.actor(broker=broker, queue_name=Stage.VISION.value)
def vision(submission_id: str, student_sub: str, page: int | None = None) -> None:
    step = Step.OPEN if page is None else Step.READ
    answer(Unit(UUID(submission_id), student_sub, step, page or 0))
