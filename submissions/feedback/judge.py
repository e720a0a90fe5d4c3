"""One text, one judgement; for each question at most two answers.

    judge(task, text_md, prompts, ask, room) -> Judgement

A blank text is not asked about. One that does not fit into a question, by our estimate or by what the model server says
of the question, is asked about section by section. An answer
with a problem is asked for again, once, with the reason; then the better of the two is taken. If neither can be used,
AnswerFault lets the life cycle try again later; nothing is stored in its place. Scores are never touched by what is
found in the pupil's text: it is marked for the teacher.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from submissions.errors import OverLimit
from submissions.feedback import injection
from submissions.feedback.analysis import analysis_of, without_scores
from submissions.feedback.asking import Ask, Asked, asked_about
from submissions.feedback.blank import SENTENCES as BLANK_SENTENCES
from submissions.feedback.blank import Blank, blankness
from submissions.feedback.merging import merged
from submissions.feedback.parts import parts_of
from submissions.feedback.question import Question, section_title
from submissions.feedback.room import Room
from submissions.feedback.scores import derived_overall
from submissions.feedback.sense import Material
from submissions.feedback.values import CriterionReading, Judgement, ParseStatus, Reading
from submissions.model_server.setup_errors import CONTEXT_EXCEEDED
from submissions.model_server.values import Answer
from submissions.prompts import Prompts
from submissions.task import Criterion, TaskContext

#: Marks for the teacher, beside those of blank.py.
ADDRESSES_GRADER = "addresses_grader"
OVERALL_DISAGREES = "overall_disagrees"
JUDGED_IN_SECTIONS = "judged_in_sections"
#: Points out of five between the model's overall score and its own points per criterion.
DISAGREEMENT = 2


def judge(task: TaskContext, text_md: str, prompts: Prompts, ask: Ask, room: Room) -> Judgement:
    """The judgement on a text.

    Raises AnswerFault if no answer could be used, InputFault if the text is too long and sections are not wanted, and
    whatever else `ask` raises.
    """
    blank = blankness(text_md)
    if blank:
        return _nothing_to_assess(task, blank, prompts)
    material = Material(task, text_md)
    calls: list[Answer] = []

    def heard(question: Question) -> Answer:
        calls.append(ask(question))
        return calls[-1]

    asked = _asked_about_all(material, prompts, heard, room)
    reading = asked[0].reading if len(asked) == 1 else _merged(asked, task, prompts)
    details = {
        **_told_by(calls, prompts.feedback_version(task.language)),
        "marks": _marks(material, reading, len(asked)),
        "asked_again": list(dict.fromkeys(problem for each in asked for problem in each.asked_again)),
        "repairs": list(reading.repairs),
        "criteria": [_beside(each) for each in reading.criteria],
        "sections": [_section(each) for each in asked],
    }
    return Judgement(reading.feedback_md, analysis_of(reading, task.criteria), details, reading.parse_status)


def _asked_about_all(material: Material, prompts: Prompts, ask: Ask, room: Room) -> list[Asked]:
    """Ask about each part of the text.

    A question that the server finds too long teaches how the text has to be divided; then all is asked anew. Raises
    OverLimit if no finer division is left: the setting is wrong then, and not the text.
    """
    parts = parts_of(material, prompts, room)
    asked: list[Asked] = []
    for part in parts:
        try:
            asked.append(asked_about(part.material, part.question, prompts, ask))
        except OverLimit as refusal:
            if refusal.reason != CONTEXT_EXCEEDED:
                raise
            taught = room.taught(part.question, part.material.text_md, refusal.prompt_tokens)
            if len(parts_of(material, prompts, taught)) <= len(parts):
                raise
            return _asked_about_all(material, prompts, ask, taught)
    return asked


def _merged(asked: Sequence[Asked], task: TaskContext, prompts: Prompts) -> Reading:
    titles = [section_title(number, len(asked), task.language, prompts) for number in range(1, len(asked) + 1)]
    lengths = [len(each.material.text_md) for each in asked]
    return merged([each.reading for each in asked], lengths, titles, task.criteria)


def _section(asked: Asked) -> Mapping[str, Any]:
    """Characters, and the points of each criterion."""
    return {"characters": len(asked.material.text_md), "scores": [each.score for each in asked.reading.criteria]}


def _nothing_to_assess(task: TaskContext, blank: Blank, prompts: Prompts) -> Judgement:
    details = {**_told_by([], prompts.feedback_version(task.language)), "marks": [blank]}
    feedback_md = BLANK_SENTENCES[task.language, blank]
    return Judgement(feedback_md, without_scores(task.criteria), details, ParseStatus.NOTHING)


def _told_by(calls: Sequence[Answer], prompt_version: str) -> dict[str, Any]:
    model = calls[-1].model if calls else ""
    return {"model": model, "prompt_version": prompt_version, "calls": [answer.cost for answer in calls]}


def _beside(reading: CriterionReading) -> Mapping[str, Any]:
    """What is kept beside criteria.v2 on one criterion."""
    return {
        "evidence": reading.evidence,
        "evidence_status": reading.evidence_status,
        "left_out": dict(reading.left_out),
    }


def _marks(material: Material, reading: Reading, parts: int) -> list[str]:
    found = {
        ADDRESSES_GRADER: injection.addresses_grader(material.text_md),
        OVERALL_DISAGREES: _disagrees(reading, material.task.criteria),
        JUDGED_IN_SECTIONS: parts > 1,
    }
    return [mark for mark, is_there in found.items() if is_there]


def _disagrees(reading: Reading, criteria: Sequence[Criterion]) -> bool:
    """Small models give full points and then an overall of 1: the teacher should look."""
    scores = [(each.score, criterion.max_score) for each, criterion in zip(reading.criteria, criteria, strict=True)]
    derived = derived_overall(scores)
    return derived is not None and reading.overall is not None and abs(derived - reading.overall) >= DISAGREEMENT
