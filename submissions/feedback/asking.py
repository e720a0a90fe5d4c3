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
    """What came of it: the text or section, the better reading, what was wrong with the first answer."""

    material: Material
    reading: Reading
    asked_again: tuple[Problem, ...] = ()


_NO_ANSWER = Reading.unusable(Problem.ANSWER_BROKE_OFF)


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
    first = _read(ask, question, material)
    if not first.problems:
        return Asked(material, first)
    try:
        second = _read(ask, second_question(question, first.problems, material, prompts), material)
    except (ServerFault, OverLimit):
        if not first.usable:
            raise
        second = _NO_ANSWER
    reading = max(first, second, key=lambda each: each.worth)
    if not reading.usable:
        raise next(KINDS[problem] for problem in reading.problems if problem in KINDS)()
    return Asked(material, reading, first.problems)


def _read(ask: Ask, question: Question, material: Material) -> Reading:
    try:
        answer = ask(question)
    except AnswerFault:
        return _NO_ANSWER
    return read_answer(answer.text, material, truncated=answer.truncated)
