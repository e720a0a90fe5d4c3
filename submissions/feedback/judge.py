"""One text, at most two questions, one judgement.

    judge(task, text_md, prompts, ask) -> Judgement

A blank text is not asked about. An answer with a problem is asked for again, once, with the reason; then the better of
the two is taken. If neither can be used, AnswerFault lets the life cycle try again later; nothing is stored in its
place. Scores are never touched by what is found in the pupil's text: it is marked for the teacher.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from submissions.errors import AnswerFault
from submissions.feedback import injection
from submissions.feedback.analysis import analysis_of, without_scores
from submissions.feedback.blank import SENTENCES as BLANK_SENTENCES
from submissions.feedback.blank import Blank, blankness
from submissions.feedback.problems import KINDS, Problem
from submissions.feedback.question import Question, first_question, second_question
from submissions.feedback.reading import read_answer
from submissions.feedback.scores import derived_overall
from submissions.feedback.sense import Material
from submissions.feedback.values import CriterionReading, Judgement, ParseStatus, Reading
from submissions.model_server.values import Answer
from submissions.prompts import Prompts, Purpose
from submissions.task import Criterion, TaskContext

#: Asks the model and waits for the complete answer. Raises Faults; an AnswerFault counts as an answer of no use.
Ask = Callable[[Question], Answer]

#: Marks for the teacher, beside blank and unreadable.
ADDRESSES_GRADER = "addresses_grader"
OVERALL_DISAGREES = "overall_disagrees"
#: Points out of five between the model's overall score and its own points per criterion.
DISAGREEMENT = 2


def judge(task: TaskContext, text_md: str, prompts: Prompts, ask: Ask) -> Judgement:
    """The judgement on a text. Raises AnswerFault if no answer could be used, and whatever else `ask` raises."""
    blank = blankness(text_md)
    if blank:
        return _nothing_to_assess(task, blank, prompts)
    material = Material(task, text_md)
    question = first_question(material, prompts)
    reading, calls = _asked(ask, question, material)
    asked_again = reading.problems
    if asked_again:
        again = second_question(question, asked_again, material, prompts)
        second, more = _asked(ask, again, material)
        reading, calls = max(reading, second, key=lambda each: each.worth), [*calls, *more]
    if not reading.usable:
        raise next(KINDS[problem] for problem in reading.problems if problem in KINDS)()
    details = {
        **_told_by(calls, question.prompt_version),
        "marks": _marks(material, reading),
        "asked_again": list(asked_again),
        "repairs": list(reading.repairs),
        "criteria": [_beside(each) for each in reading.criteria],
    }
    return Judgement(reading.feedback_md, analysis_of(reading, task.criteria), details, reading.parse_status)


def _asked(ask: Ask, question: Question, material: Material) -> tuple[Reading, list[Answer]]:
    try:
        answer = ask(question)
    except AnswerFault:
        return Reading.unusable(Problem.ANSWER_BROKE_OFF), []
    return read_answer(answer.text, material, truncated=answer.truncated), [answer]


def _nothing_to_assess(task: TaskContext, blank: Blank, prompts: Prompts) -> Judgement:
    details = {**_told_by([], prompts.of(task.language, Purpose.FEEDBACK).version), "marks": [blank]}
    feedback_md = BLANK_SENTENCES[task.language, blank]
    return Judgement(feedback_md, without_scores(task.criteria), details, ParseStatus.NOTHING)


def _told_by(calls: Sequence[Answer], prompt_version: str) -> dict[str, Any]:
    model = calls[-1].model if calls else ""
    return {"model": model, "prompt_version": prompt_version, "calls": [_cost(answer) for answer in calls]}


def _cost(answer: Answer) -> dict[str, Any]:
    """What a call cost, without what was said."""
    return {name: value for name, value in asdict(answer).items() if name not in {"text", "thinking"}}


def _beside(reading: CriterionReading) -> Mapping[str, Any]:
    """What is kept beside criteria.v2 on one criterion."""
    return {
        "evidence": reading.evidence,
        "evidence_status": reading.evidence_status,
        "left_out": dict(reading.left_out),
    }


def _marks(material: Material, reading: Reading) -> list[str]:
    marks = [ADDRESSES_GRADER] if injection.addresses_grader(material.text_md) else []
    return [*marks, *([OVERALL_DISAGREES] if _disagrees(reading, material.task.criteria) else [])]


def _disagrees(reading: Reading, criteria: Sequence[Criterion]) -> bool:
    """Small models give full points and then an overall of 1: the teacher should look."""
    scores = [(each.score, criterion.max_score) for each, criterion in zip(reading.criteria, criteria, strict=True)]
    derived = derived_overall(scores)
    return derived is not None and reading.overall is not None and abs(derived - reading.overall) >= DISAGREEMENT
