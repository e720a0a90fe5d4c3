"""Asking about one text, or one section of it: at most twice, and the better answer counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from submissions.errors import AnswerFault, OverLimit, ServerFault
from submissions.feedback.problems import KINDS, Problem
from submissions.feedback.question import Question, second_question
from submissions.feedback.reading import read_answer
from submissions.feedback.sense import Material
from submissions.feedback.values import Reading
from submissions.model_server.values import Answer, Request
from submissions.prompts import Prompts
from submissions.settings import Settings

#: Asks the model and waits for the complete answer. Raises Faults; an AnswerFault counts as an answer of no use.
Ask = Callable[[Question], Answer]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it: the better reading, every answer that came, what was wrong with the first."""

    reading: Reading
    calls: tuple[Answer, ...]
    asked_again: tuple[Problem, ...] = ()


_NO_ANSWER = Asked(Reading.unusable(Problem.ANSWER_BROKE_OFF), ())


def request_for(question: Question, settings: Settings) -> Request:
    """The request to AI_FEEDBACK_MODEL."""
    return Request(
        model=settings.feedback_model,
        messages=question.messages,
        num_ctx=settings.feedback_num_ctx,
        num_predict=settings.feedback_num_predict,
        temperature=question.temperature(settings.feedback_temperature),
        total_seconds=settings.timeout_feedback,
        think=question.think(settings.think_level),
        format=question.format,
    )


def asked_about(material: Material, question: Question, prompts: Prompts, ask: Ask) -> Asked:
    """Ask, and once more if anything is wrong. Raises AnswerFault if neither answer can be used.

    If asking again fails by its own doing, a first answer that can be used counts. A server that is away has not been
    asked: all is asked anew when it is back, which costs no attempt.
    """
    first = _asked(ask, question, material)
    problems = first.reading.problems
    if not problems:
        return first
    try:
        second = _asked(ask, second_question(question, problems, material, prompts), material)
    except (ServerFault, OverLimit):
        if not first.reading.usable:
            raise
        second = _NO_ANSWER
    reading = max(first.reading, second.reading, key=lambda each: each.worth)
    if not reading.usable:
        raise next(KINDS[problem] for problem in reading.problems if problem in KINDS)()
    return Asked(reading, (*first.calls, *second.calls), problems)


def _asked(ask: Ask, question: Question, material: Material) -> Asked:
    try:
        answer = ask(question)
    except AnswerFault:
        return _NO_ANSWER
    return Asked(read_answer(answer.text, material, truncated=answer.truncated), (answer,))
