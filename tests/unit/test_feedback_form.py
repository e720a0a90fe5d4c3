"""From the model's answer to criteria.v2: what was not said is left out, what was said lands where it belongs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from submissions.errors import AnswerFault
from submissions.feedback_form import answer_schema, read_answer
from submissions.task import Criterion

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "criteria.v2.schema.json").read_text(encoding="utf-8"))
CRITERIA = (Criterion("Inhalt"), Criterion("Form", 5), Criterion("Sprache"))
WHOLE = {
    "criterion_1": {"explanation": "Gut.", "score": 8},
    "criterion_2": {"explanation": "Knapp.", "score": 3},
    "criterion_3": {"explanation": "Fehler.", "score": 0},
    "overall_score": 4,
    "feedback": "Weiter so.",
}


def results(answer: Any, criteria: tuple[Criterion, ...] = CRITERIA) -> Any:
    feedback = read_answer(json.dumps(answer), criteria)
    jsonschema.validate(feedback.analysis, SCHEMA)
    return feedback


def test_a_whole_answer_maps_one_to_one() -> None:
    feedback = results(WHOLE)
    assert feedback.analysis == {
        "schema": "criteria.v2",
        "score": 4,
        "criteria_results": [
            {"criterion": "Inhalt", "score": 8, "max_score": 10, "explanation_md": "Gut."},
            {"criterion": "Form", "score": 3, "max_score": 5, "explanation_md": "Knapp."},
            {"criterion": "Sprache", "score": 0, "max_score": 10, "explanation_md": "Fehler."},
        ],
    }
    assert (feedback.feedback_md, feedback.parse_status) == ("Weiter so.", "parsed_structured")


def test_the_order_of_the_answer_moves_no_score() -> None:
    assert (
        results(dict(reversed(WHOLE.items()))).analysis["criteria_results"]
        == results(WHOLE).analysis["criteria_results"]
    )


@pytest.mark.parametrize("score", [None, "8", "acht", -1, 11, 7.5, True, [8], {}, float("nan"), 1e400])
def test_a_score_that_makes_no_sense_is_left_out_and_never_zero(score: object) -> None:
    feedback = results({**WHOLE, "criterion_1": {"explanation": "Gut.", "score": score}})
    assert "score" not in feedback.analysis["criteria_results"][0]
    assert feedback.parse_status == "parsed_partial"


def test_a_missing_criterion_is_there_without_a_score() -> None:
    answer = {key: value for key, value in WHOLE.items() if key not in {"criterion_2", "overall_score"}}
    analysis = results(answer).analysis
    assert analysis["criteria_results"][1] == {"criterion": "Form", "max_score": 5, "explanation_md": ""}
    assert "score" not in analysis


def test_a_score_above_its_own_criterions_maximum_is_left_out() -> None:
    answer = {**WHOLE, "criterion_2": {"explanation": "Knapp.", "score": 6}}
    assert "score" not in results(answer).analysis["criteria_results"][1]


def test_whole_numbers_written_with_a_point_are_whole_numbers() -> None:
    assert results({**WHOLE, "overall_score": 4.0}).analysis["score"] == 4


def test_a_task_without_criteria_gives_feedback_alone() -> None:
    feedback = results({"feedback": "Gut."}, ())
    assert feedback.analysis == {"schema": "criteria.v2", "criteria_results": []}
    assert feedback.parse_status == "parsed_structured"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "answer_not_json"),
        ("Das ist gut.", "answer_not_json"),
        ('{"feedback": "abgeschn', "answer_not_json"),
        ("[1, 2]", "answer_not_object"),
        ("{}", "feedback_empty"),
        ('{"feedback": " \\u0000 "}', "feedback_empty"),
        ('{"feedback": 3}', "feedback_empty"),
    ],
)
def test_what_cannot_be_used_is_told_apart(answer: str, reason: str) -> None:
    with pytest.raises(AnswerFault) as fault:
        read_answer(answer, CRITERIA)
    assert fault.value.reason == reason


def test_fences_and_reasoning_around_the_answer_are_taken_off() -> None:
    assert read_answer(f"<think>hm</think>\n```json\n{json.dumps(WHOLE)}\n```", CRITERIA).feedback_md == "Weiter so."


def test_the_schema_asks_for_each_criterion_in_order_with_bounded_strings() -> None:
    schema = answer_schema(CRITERIA)
    assert schema["required"] == [*WHOLE]
    assert list(schema["properties"]["criterion_1"]["properties"]) == ["explanation", "score"]
    assert schema["properties"]["criterion_2"]["properties"]["score"]["maximum"] == 5

    def strings(part: Any) -> Any:
        if isinstance(part, dict):
            if part.get("type") == "string":
                yield part
            for each in part.values():
                yield from strings(each)

    assert all("maxLength" in each for each in strings(schema))
    jsonschema.validate(WHOLE, schema)
