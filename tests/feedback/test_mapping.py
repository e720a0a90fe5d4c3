"""Whatever the criteria and whatever an answer of the right form says: it is stored one to one, or left out by name."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from submissions.answers import storable
from submissions.feedback.analysis import analysis_of
from submissions.feedback.form import answer_schema, keys_of, listing, skeleton
from submissions.feedback.problems import Problem
from submissions.feedback.reading import read_answer
from submissions.feedback.sense import Material
from submissions.task import Criterion, TaskContext

FEEDBACK = "Das ist dir gut gelungen. Erkläre noch, warum."
NAMES = st.one_of(
    st.text(min_size=1, max_size=60),
    st.sampled_from(
        ["Inhalt", "Inhalt", '"Zitat" **fett** `x`', "# Titel\n- Punkt", "überall 🌍", "criterion_2", "a" * 5000]
    ),
).filter(lambda name: bool(name.strip()))
CRITERIA = st.lists(st.builds(Criterion, NAMES, st.integers(1, 10)), max_size=10).map(tuple)


@st.composite
def tasks_with_answers(draw: st.DrawFn) -> tuple[TaskContext, dict[str, Any]]:
    """A task, and an answer that satisfies its schema."""
    criteria = draw(CRITERIA)
    answer: dict[str, Any] = {
        key: {
            "explanation": draw(st.text(min_size=1, max_size=80) | st.text(min_size=500, max_size=500)),
            "evidence": draw(st.text(max_size=40)),
            "score": draw(st.none() | st.integers(0, criterion.max_score)),
        }
        for key, criterion in zip(keys_of(criteria), criteria, strict=True)
    }
    if criteria:
        answer["overall_score"] = draw(st.integers(0, 5))
    return TaskContext("Schreibe.", criteria), answer | {"feedback": FEEDBACK}


@settings(max_examples=100, deadline=None)
@given(tasks_with_answers(), st.randoms(use_true_random=False))
def test_an_answer_that_satisfies_the_schema_is_stored_one_to_one(
    satisfies_contract: Callable[[object], None], case: tuple[TaskContext, dict[str, Any]], chance: random.Random
) -> None:
    task, answer = case
    jsonschema.validate(answer, answer_schema(task.criteria))
    said = list(answer.items())
    chance.shuffle(said)
    reading = read_answer(json.dumps(dict(said)), Material(task, "Pupils' text."))
    analysis = analysis_of(reading, task.criteria)
    satisfies_contract(analysis)
    assert reading.feedback_md == FEEDBACK
    assert analysis.get("score") == answer.get("overall_score")
    assert len(analysis["criteria_results"]) == len(task.criteria)
    for key, criterion, result, read in zip(
        keys_of(task.criteria), task.criteria, analysis["criteria_results"], reading.criteria, strict=True
    ):
        assert (result["criterion"], result["max_score"]) == (criterion.criterion, criterion.max_score)
        assert result.get("score") == answer[key]["score"]
        explanation = storable(answer[key]["explanation"])
        assert explanation.startswith(result["explanation_md"])
        assert (
            result["explanation_md"] == explanation
            or read.left_out.get("explanation")
            or "shortened" in reading.repairs
        )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["score", "explanation", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(CRITERIA, st.data())
def test_of_an_answer_of_any_form_only_scores_that_were_said_are_stored(
    satisfies_contract: Callable[[object], None], criteria: tuple[Criterion, ...], data: st.DataObject
) -> None:
    said: dict[str, Any] = {key: data.draw(JSON) for key in [*keys_of(criteria), "overall_score"]}
    reading = read_answer(json.dumps(said | {"feedback": FEEDBACK}), Material(TaskContext("Schreibe.", criteria), ""))
    analysis = analysis_of(reading, criteria)
    satisfies_contract(analysis)
    for key, result in zip(keys_of(criteria), analysis["criteria_results"], strict=True):
        if "score" in result:
            assert said[key]["score"] == result["score"]


@given(st.text(max_size=300))
def test_no_text_whatever_breaks_the_reading(text: str) -> None:
    reading = read_answer(text, Material(TaskContext("Schreibe.", (Criterion("Inhalt"),)), "Text."))
    assert not reading.usable
    assert set(reading.problems) <= set(Problem)


@given(CRITERIA)
def test_the_prompt_shows_each_criterion_on_a_line_of_its_own(criteria: tuple[Criterion, ...]) -> None:
    lines = listing(criteria).split("\n") if criteria else []
    assert [line.split(" ")[1] for line in lines] == keys_of(criteria)
    assert all(f'"{key}"' in skeleton(criteria) for key in [*keys_of(criteria), "feedback"])


def test_a_task_without_criteria_asks_for_feedback_alone(satisfies_contract: Callable[[object], None]) -> None:
    assert list(answer_schema(())["properties"]) == ["feedback"]
    reading = read_answer(
        json.dumps({"feedback": FEEDBACK, "overall_score": 5}), Material(TaskContext("Schreibe."), "")
    )
    assert analysis_of(reading, ()) == {"schema": "criteria.v2", "criteria_results": []}
    satisfies_contract(analysis_of(reading, ()))


def test_reasons_come_before_scores_and_scores_before_prose_with_every_string_bounded() -> None:
    schema = answer_schema((Criterion("Inhalt"), Criterion("Form", 5)))
    assert schema["required"] == ["criterion_1", "criterion_2", "overall_score", "feedback"]
    criterion = schema["properties"]["criterion_2"]
    assert criterion["required"] == ["explanation", "evidence", "score"]
    assert criterion["properties"]["score"]["maximum"] == 5

    def strings(part: Any) -> Any:
        if isinstance(part, dict):
            if part.get("type") == "string":
                yield part
            for each in part.values():
                yield from strings(each)

    assert all(each["maxLength"] <= 2000 for each in strings(schema))
