"""Moved to submissions/feedback; this is what `steps` still asks for until it calls `judge`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from submissions.feedback import problems
from submissions.feedback.analysis import analysis_of
from submissions.feedback.form import answer_schema, keys_of, listing
from submissions.feedback.reading import read_answer as read
from submissions.feedback.sense import Material
from submissions.task import Criterion, TaskContext

__all__ = ["KINDS", "Feedback", "answer_schema", "keys_of", "listing", "read_answer"]

KINDS = tuple(problems.KINDS.values())


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is stored."""

    feedback_md: str
    analysis: Mapping[str, Any]
    parse_status: str


def read_answer(text: str, criteria: Sequence[Criterion]) -> Feedback:
    """The model's answer as feedback. Raises AnswerFault if it cannot be used."""
    reading = read(text, Material(TaskContext("", tuple(criteria)), ""))
    if not reading.usable:
        raise next(problems.KINDS[each] for each in reading.problems if each in problems.KINDS)()
    return Feedback(reading.feedback_md, analysis_of(reading, criteria), reading.parse_status)
