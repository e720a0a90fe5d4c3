"""The Feedback actor: writes feedback on a submission's text; it never calls Vision."""

from uuid import UUID

import dramatiq

from actors.doorbell import answer
from broker import broker
from submissions.lifecycle import Stage, Step
from submissions.store.work import Unit


@dramatiq.actor(broker=broker, queue_name=Stage.FEEDBACK.value)
def feedback(submission_id: str, student_sub: str, cached_text_md: str | None = None) -> None:
    answer(Unit(UUID(submission_id), student_sub, Step.FEEDBACK), cached_text_md)
