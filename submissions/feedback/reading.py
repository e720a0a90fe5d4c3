"""From the text of an answer to what can be believed of it.

In this order: was it complete; is there one object; has it the form that was asked for; does it make sense. What fails
is left out, and named; nothing is put in its place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from submissions.answers import storable
from submissions.feedback.consistency import counts_to_another, names_another
from submissions.feedback.evidence import passage
from submissions.feedback.form import CRITERION_KEYS, EXPLANATION_LENGTH, FEEDBACK_LENGTH, MAX_OVERALL, keys_of
from submissions.feedback.json_object import NoObject, find_object
from submissions.feedback.latex import restored
from submissions.feedback.problems import Problem
from submissions.feedback.scores import derived_overall, score_of
from submissions.feedback.sense import Material, Nonsense, nonsense_in
from submissions.feedback.values import CriterionReading, EvidenceStatus, Reading, Repair
from submissions.task import Criterion

_NUMBERED = re.compile(r"criterion_\d+")
#: The end of a sentence, with what may close it.
_SENTENCE_END = re.compile(r"[.!?…][\"'“”«»)\]]*(?=\s|\Z)")


def read_answer(text: str, material: Material, *, truncated: bool = False) -> Reading:
    """What an answer gives. `truncated`: the server said that a limit ended it, so nothing in it is looked at."""
    if truncated:
        return Reading.unusable(Problem.ANSWER_CUT)
    try:
        answer, repairs = find_object(text)
    except NoObject as none:
        return Reading.unusable(none.problem)
    if _counts_otherwise(set(answer), set(keys_of(material.task.criteria))):
        return Reading.unusable(Problem.ANSWER_AMBIGUOUS)
    return _Form(answer, material, repairs).reading()


def _counts_otherwise(said: set[str], asked: set[str]) -> bool:
    """Criteria numbered from 0, or from 2: then nobody knows which score belongs where."""
    strange = {key for key in said - asked if _NUMBERED.fullmatch(key)}
    return "criterion_0" in strange or (bool(strange) and not asked <= said)


class _Form:
    """One object, read key by key."""

    def __init__(self, answer: Mapping[str, Any], material: Material, repairs: Sequence[Repair]) -> None:
        self._answer = answer
        self._material = material
        self._repairs = list(repairs)
        self._problems: list[Problem] = []

    def reading(self) -> Reading:
        criteria = self._material.task.criteria
        keys = keys_of(criteria)
        feedback = self._feedback(self._answer.get("feedback"))
        readings = [self._criterion(key, each) for key, each in zip(keys, criteria, strict=True)]
        overall = self._overall(readings) if criteria else None
        self._drop_all_but(self._answer, {*keys, "feedback", *(["overall_score"] if criteria else [])})
        return Reading(
            feedback_md=feedback,
            criteria=tuple(readings),
            overall=overall,
            problems=tuple(dict.fromkeys(self._problems)),
            repairs=tuple(dict.fromkeys(self._repairs)),
        )

    def _feedback(self, raw: object) -> str:
        text = self._whole_sentences(raw, FEEDBACK_LENGTH)
        nonsense = nonsense_in(text, FEEDBACK_LENGTH, self._material)
        if nonsense:
            self._problems.append(Problem(f"feedback_{nonsense}"))
        return "" if nonsense else text

    def _criterion(self, key: str, criterion: Criterion) -> CriterionReading:
        """What was said on one criterion; no evidence and a score of null are no problem."""
        raw = self._answer.get(key)
        if not isinstance(raw, dict):
            self._problems.append(Problem.CRITERION_MISSING)
            return CriterionReading(left_out={"score": "missing", "explanation": "missing"})
        self._drop_all_but(raw, CRITERION_KEYS)
        if names_another(raw, key, criterion):
            self._problems.append(Problem.SCORE_UNUSABLE)
            return CriterionReading(left_out={"score": "another_criterion", "explanation": "another_criterion"})
        score, no_score = _score(raw, criterion.max_score)
        explanation, nonsense = self._explanation(raw.get("explanation"))
        if no_score not in {"", "none_given"}:
            self._problems.append(Problem.SCORE_UNUSABLE)
        if nonsense:
            self._problems.append(Problem.EXPLANATION_UNUSABLE)
        evidence, status = self._evidence(raw.get("evidence"))
        reasons = {"score": no_score, "explanation": str(nonsense or "")}
        left_out = {name: reason for name, reason in reasons.items() if reason}
        return CriterionReading(score, explanation, evidence, status, left_out)

    def _explanation(self, raw: object) -> tuple[str, Nonsense | None]:
        text = self._whole_sentences(raw, EXPLANATION_LENGTH)
        nonsense = nonsense_in(text, EXPLANATION_LENGTH, self._material)
        return ("" if nonsense else text), nonsense

    def _evidence(self, raw: object) -> tuple[str, EvidenceStatus]:
        quote = self._text(raw)
        self._repairs += [Repair.MISSING_KEYS] * (not isinstance(raw, str))
        if not any(character.isalnum() for character in quote):
            return "", EvidenceStatus.NONE
        found = storable(passage(quote, self._material.text))
        return found, EvidenceStatus.FOUND if found else EvidenceStatus.NOT_FOUND

    def _overall(self, readings: Sequence[CriterionReading]) -> int | None:
        overall, _ = score_of(self._answer.get("overall_score"), MAX_OVERALL)
        if overall is not None:
            return overall
        criteria = self._material.task.criteria
        scores = [(reading.score, each.max_score) for reading, each in zip(readings, criteria, strict=True)]
        overall = derived_overall(scores)
        self._repairs.append(Repair.MISSING_KEYS if overall is None else Repair.OVERALL_DERIVED)
        return overall

    def _drop_all_but(self, said: Mapping[str, Any], asked: Collection[str]) -> None:
        """Other keys are never looked at; that there were some is told."""
        self._repairs += [Repair.UNKNOWN_KEYS_DROPPED] * bool(set(said) - set(asked))

    def _text(self, raw: object) -> str:
        if not isinstance(raw, str):
            return ""
        text = restored(raw)
        self._repairs += [Repair.LATEX_RESTORED] * (text != raw)
        return storable(text)

    def _whole_sentences(self, raw: object, longest: int) -> str:
        """A text of exactly the longest length was stopped by the schema, mostly within a sentence: back to its end."""
        text = self._text(raw)
        ends = list(_SENTENCE_END.finditer(text))
        if not isinstance(raw, str) or len(raw) != longest or not ends or ends[-1].end() == len(text):
            return text
        self._repairs.append(Repair.SHORTENED)
        return text[: ends[-1].end()]


def _score(said: Mapping[str, Any], best: int) -> tuple[int | None, str]:
    """As score_of has it; or missing, or another_maximum."""
    if "score" not in said:
        return None, "missing"
    return (None, "another_maximum") if counts_to_another(said, best) else score_of(said["score"], best)
