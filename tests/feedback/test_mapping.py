"""Whatever the criteria and whatever an answer of the right form says: it is stored one to one, or left out by name."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from submissions.answers import storable
from submissions.feedback.analysis import analysis_of
from submissions.feedback.asking import Ask
from submissions.feedback.form import answer_schema, keys_of, listing, skeleton
from submissions.feedback.judge import judge
from submissions.feedback.latex import restored
from submissions.feedback.problems import Problem
from submissions.feedback.reading import read_answer
from submissions.feedback.room import Room
from submissions.feedback.sense import Material
from submissions.feedback.values import Judgement
from submissions.model_server import Answer
from submissions.prompts import Prompts
from submissions.task import Criterion, TaskContext
from tests.feedback import example

FEEDBACK = "Das ist dir gut gelungen. Erkläre noch, warum."
TEXT = (
    "Im Herbst ziehen die Stare nach Süden. Unterwegs rasten sie am See, weil dort Mücken fliegen. Der Falke wartet auf"
    " sie. Kranich, Storch und Gans folgen erst im Oktober, denn ihnen genügt gefrorenes Gras."
)
NAMES = st.one_of(
    st.text(min_size=1, max_size=60),
    st.sampled_from(
        ["Inhalt", "Inhalt", '"Zitat" **fett** `x`', "# Titel\n- Punkt", "überall 🌍", "criterion_2", "a" * 5000]
    ),
).filter(lambda name: bool(name.strip()))
CRITERIA = st.lists(st.builds(Criterion, NAMES, st.integers(1, 10)), max_size=10).map(tuple)
ROOM = Room(num_ctx=10**6, num_predict=4096)


@st.composite
def passages(draw: st.DrawFn) -> str:
    """Words that stand in TEXT one behind the other."""
    said = TEXT.split()
    start = draw(st.integers(0, len(said) - 4))
    return " ".join(said[start : start + draw(st.integers(2, 4))]).strip(".,")


#: What a pupil may be shown, and what may not be: any characters, and a text that its bound has cut.
PLAIN = st.integers(0, 10**6).map("Was du zu Nummer {} schreibst, ist gut und richtig.".format)
ODD = st.text(min_size=1, max_size=80) | st.text(min_size=500, max_size=500)


@st.composite
def tasks_with_answers(draw: st.DrawFn) -> tuple[TaskContext, dict[str, Any]]:
    """A task, and an answer that satisfies its schema."""
    criteria = draw(CRITERIA)
    answer: dict[str, Any] = {
        key: {
            "explanation": draw(PLAIN | ODD),
            "evidence": draw(passages() | st.text(max_size=40)),
            "score": draw(st.none() | st.integers(0, criterion.max_score)),
        }
        for key, criterion in zip(keys_of(criteria), criteria, strict=True)
    }
    if criteria:
        answer["overall_score"] = draw(st.integers(0, 5))
    return TaskContext("Schreibe.", criteria), answer | {"feedback": draw(PLAIN)}


@settings(max_examples=100, deadline=None)
@given(tasks_with_answers(), st.randoms(use_true_random=False))
def test_an_answer_that_satisfies_the_schema_is_stored_one_to_one(
    satisfies_contract: Callable[[object], None],
    prompts: Prompts,
    case: tuple[TaskContext, dict[str, Any]],
    chance: random.Random,
) -> None:
    task, answer = case
    jsonschema.validate(answer, answer_schema(task.criteria))
    said = list(answer.items())
    chance.shuffle(said)
    judgement = judge(task, TEXT, prompts, always(dict(said)), ROOM)
    satisfies_contract(judgement.analysis)
    assert judgement.feedback_md == answer["feedback"]
    assert judgement.analysis.get("score") == answer.get("overall_score")
    results, beside = judgement.analysis["criteria_results"], judgement.details["criteria"]
    assert len(results) == len(beside) == len(task.criteria)
    assert [section["scores"] for section in judgement.details["sections"]] == [[each.get("score") for each in results]]
    for key, criterion, result, kept in zip(keys_of(task.criteria), task.criteria, results, beside, strict=True):
        assert (result["criterion"], result["max_score"]) == (criterion.criterion, criterion.max_score)
        assert result.get("score") == answer[key]["score"]
        assert kept["left_out"].get("score") == (None if "score" in result else "none_given")
        evidence_is_its_own(answer[key]["evidence"], kept)
        explanation_is_its_own(answer[key]["explanation"], result, kept, judgement)


def always(answer: dict[str, Any]) -> Ask:
    """A model that has but one answer."""
    figures = dict.fromkeys(["load_seconds", "prompt_seconds", "generation_seconds", "total_seconds"], 0.1)
    said: dict[str, Any] = {"text": json.dumps(answer), "thinking": "", "done_reason": "stop", "model": "pen"}
    return lambda question: Answer(**said, **figures, prompt_tokens=1, output_tokens=1)


def evidence_is_its_own(quote: str, kept: dict[str, Any]) -> None:
    """A passage of the text is kept as it stands there; of anything else only what stands there after all."""
    if len(quote) > 3 and quote in TEXT:
        assert (kept["evidence"], kept["evidence_status"]) == (quote, "found")
    else:
        assert all(part in TEXT for part in kept["evidence"].split(" … "))
        assert (kept["evidence_status"] == "found") == bool(kept["evidence"])


def explanation_is_its_own(said: str, result: dict[str, Any], kept: dict[str, Any], judgement: Judgement) -> None:
    """What may be shown is shown whole; what may not, not at all, and it is told why."""
    if said.startswith("Was du zu Nummer"):
        assert result["explanation_md"] == said
    elif kept["left_out"].get("explanation"):
        assert result["explanation_md"] == ""
    else:
        text = storable(restored(said))
        assert result["explanation_md"]
        assert text.startswith(result["explanation_md"])
        assert result["explanation_md"] == text or "shortened" in judgement.details["repairs"]


KEYS = ["score", "explanation", "evidence", "max_score", "criterion", "x"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)


#: Length does not decide it.
UNBOUNDED = {"minLength", "maxLength"}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["criterion_1", "criterion_3", ""]), st.sampled_from(["evidence", "x", "feedback"]), st.data())
def test_only_an_answer_with_the_keys_that_were_asked_for_is_called_structured(
    place: str, key: str, data: st.DataObject
) -> None:
    answer = copy.deepcopy(example.ANSWER)
    changed = answer[place] if place else answer
    key = key if data.draw(st.booleans(), "any other key") else data.draw(st.sampled_from([*changed, *KEYS]))
    if data.draw(st.booleans(), "dropped"):
        changed.pop(key, None)
    else:
        changed[key] = data.draw(JSON, "value")
    reading = read_answer(json.dumps(answer), Material(example.TASK, example.TEXT))
    if reading.parse_status == "parsed_structured":
        jsonschema.validate(answer, without_bounds(answer_schema(example.TASK.criteria)))


def without_bounds(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return {name: without_bounds(part) for name, part in schema.items() if name not in UNBOUNDED}


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
