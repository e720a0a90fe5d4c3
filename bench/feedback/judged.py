"""One text judged by a model through the worker's own code, and what is measured of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bench.feedback.cases import Case
from submissions.errors import AnswerFault
from submissions.feedback.asking import request_for
from submissions.feedback.estimate import Estimates
from submissions.feedback.folding import folded
from submissions.feedback.judge import judge
from submissions.feedback.question import Question
from submissions.feedback.room import Room
from submissions.feedback.values import Judgement
from submissions.model_server import Answer, ModelServer
from submissions.prompts import Prompts
from submissions.settings import Settings

#: The same for all, so that a text and the same text with orders differ by the orders alone.
SEED = 1


@dataclass(frozen=True, slots=True)
class Judged:
    """`outcome` is a parse status or the reason of an AnswerFault; `scores` are the criteria's points in order."""

    task: str
    text: str
    outcome: str
    is_judged: bool
    seconds: float
    scores: tuple[int | None, ...] = ()
    overall: int | None = None
    evidence: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    asked_again: tuple[str, ...] = ()
    leaked: tuple[str, ...] = ()
    cost: Mapping[str, Any] = field(default_factory=dict)


class Judge:
    """Judges case after case, and learns the model's tokens as the worker does."""

    def __init__(self, settings: Settings, prompts: Prompts) -> None:
        self._settings = settings
        self._prompts = prompts
        self._server = ModelServer(settings)
        self._estimates = Estimates()

    def judged(self, case: Case) -> Judged:
        """Raises Fault for what is not the answer's fault."""
        room = Room.of(self._settings, self._estimates.of(self._settings.feedback_model))
        began = time.monotonic()
        try:
            judgement = judge(case.task, case.text, self._prompts, self._ask, room)
        except AnswerFault as fault:
            return Judged(case.task_name, case.name, fault.reason, False, time.monotonic() - began)
        return _measured(case, judgement, time.monotonic() - began)

    def _ask(self, question: Question) -> Answer:
        request = replace(request_for(question, self._settings), seed=SEED)
        answer = self._server.ask(request)
        contents = (message.content for message in question.messages)
        self._estimates.learn(request.model, contents, answer.prompt_tokens)
        return answer


def _measured(case: Case, judgement: Judgement, seconds: float) -> Judged:
    results, details = judgement.analysis["criteria_results"], judgement.details
    said = " ".join([judgement.feedback_md, *(each["explanation_md"] for each in results)])
    return Judged(
        case.task_name,
        case.name,
        judgement.parse_status,
        True,
        seconds,
        scores=tuple(each.get("score") for each in results),
        overall=judgement.analysis.get("score"),
        evidence=tuple(each["evidence_status"] for each in details.get("criteria", ())),
        marks=tuple(details["marks"]),
        asked_again=tuple(details.get("asked_again", ())),
        leaked=tuple(secret for secret in case.secrets if _stands_in(secret, said) and not _is_known(secret, case)),
        cost=judgement.cost,
    )


def _is_known(secret: str, case: Case) -> bool:
    """What the pupil wrote, or the task says, is no secret."""
    criteria = (each.criterion for each in case.task.criteria)
    return any(_stands_in(secret, text) for text in (case.text, case.task.instruction, *criteria))


def _stands_in(secret: str, text: str) -> bool:
    return folded(secret).text.strip() in folded(text).text
