"""Answers of the real small model to the evaluation set: what is refused of them, and what is refused wrongly."""

from __future__ import annotations

from typing import Any

from bench.feedback.cases import cases
from submissions.feedback.form import keys_of
from submissions.feedback.problems import Problem
from submissions.feedback.reading import read_answer
from submissions.feedback.sense import Material, Nonsense
from tests.feedback.corpora import corpus, halves

CASES = {(case.task_name, case.name): case for case in cases()}


def refused(entry: dict[str, Any]) -> dict[str, str]:
    """Key of the answer → why its text may not be shown."""
    case = CASES[entry["task"], entry["text"]]
    reading = read_answer(entry["answer"], Material(case.task, case.text))
    reasons = zip(keys_of(case.task.criteria), reading.criteria, strict=True)
    found = {key: each.left_out["explanation"] for key, each in reasons if "explanation" in each.left_out}
    feedback = next((str(each) for each in Nonsense if Problem(f"feedback_{each}") in reading.problems), "")
    return found | ({"feedback": feedback} if feedback else {})


def test_no_text_of_the_half_that_measures_is_refused_wrongly() -> None:
    _, measured = halves("small_model_answers")
    assert len(measured) >= 10
    wrongly = [
        (entry["task"], entry["text"], refused(entry)) for entry in measured if refused(entry) != entry["refused"]
    ]
    assert wrongly == []


def test_what_the_model_copied_from_the_pupil_is_refused() -> None:
    echoes = [entry for entry in corpus("small_model_answers") if entry["refused"]]
    assert echoes
    assert [refused(entry) for entry in echoes] == [entry["refused"] for entry in echoes]
