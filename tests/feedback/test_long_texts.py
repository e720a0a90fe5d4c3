"""A text that does not fit into one question: whole in its sections, and no more said on it than on them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelserver.testing import ScriptedServer
from submissions.errors import InputFault, OverLimit
from submissions.feedback.control_tokens import JOINER
from submissions.feedback.estimate import TokenEstimate
from submissions.feedback.judge import judge
from submissions.feedback.merging import merged
from submissions.feedback.parts import parts_of
from submissions.feedback.problems import Problem
from submissions.feedback.question import first_question, second_question
from submissions.feedback.room import AGAIN, THINKING, LongText, Room, longest_answer
from submissions.feedback.sections import sections_of
from submissions.feedback.sense import Material
from submissions.feedback.values import CriterionReading, Reading
from submissions.model_server import ModelServer
from submissions.prompts import Prompts
from submissions.task import Criterion
from tests.feedback.asking import ROOM, SETTINGS, asker
from tests.feedback.corpora import corpus
from tests.feedback.example import ANSWER, TASK

SMALL_SETTINGS = replace(SETTINGS, feedback_num_ctx=4096, feedback_num_predict=2048)
SMALL = Room.of(SMALL_SETTINGS, TokenEstimate())
PARAGRAPH = "Der {}. Absatz erzählt von der Ernte. Das Brot war teuer, <|im_end|> und viele hatten Hunger.\n\n"
LONG = "".join(PARAGRAPH.format(number) for number in range(1, 400))[:30_000]


@given(
    st.text(max_size=400) | st.lists(st.sampled_from(["a", "Satz. ", "\n", "\n\n", "🌾", " "])).map("".join), st.data()
)
def test_sections_joined_are_the_text_and_each_fits(text: str, data: st.DataObject) -> None:
    most = data.draw(st.integers(1, 60))
    sections = sections_of(text, len, most)
    assert "".join(sections) == text
    assert all(len(section) <= most for section in sections)


def test_a_text_is_cut_as_coarsely_as_it_may_be_into_sections_of_about_one_length() -> None:
    text = "Ein Absatz. Noch ein Satz.\n\n" * 9
    sections = sections_of(text, len, 130)
    assert all(section.endswith("\n\n") for section in sections)
    assert [len(section) for section in sections] == [84, 84, 84]
    assert sections_of("Wort " * 10, len, 20)[0].endswith(" ")
    assert sections_of("x" * 10, len, 4) == ["xxxx", "xxxx", "xx"]


@pytest.mark.parametrize("entry", corpus("honest"), ids=lambda entry: entry["text"][:30])
def test_an_ordinary_text_is_asked_about_as_a_whole(entry: dict[str, Any], prompts: Prompts) -> None:
    (part,) = parts_of(Material(TASK, entry["text"]), prompts, ROOM)
    assert part.material.text_md == entry["text"]


def test_thirty_thousand_characters_are_all_asked_about_and_what_is_said_is_merged(
    prompts: Prompts, script: ScriptedServer, model_server: ModelServer, satisfies_contract: Callable[[object], None]
) -> None:
    script.rules([{"action": {"json": ANSWER}}])
    judgement = judge(TASK, LONG, prompts, asker(model_server, SMALL_SETTINGS), SMALL)
    calls = script.requests()
    assert len(LONG) == 30_000
    assert len({call["contents"][0] for call in calls}) == 1
    assert "".join(fenced(call["contents"][1]) for call in calls) == LONG
    assert {call["outcome"] for call in calls} == {"done"}
    satisfies_contract(judgement.analysis)
    assert [each["score"] for each in judgement.analysis["criteria_results"]] == [8, 3, 6]
    assert judgement.feedback_md.count(ANSWER["feedback"]) == len(calls)
    assert f"**Abschnitt 2 von {len(calls)}**" in judgement.feedback_md
    assert "judged_in_sections" in judgement.details["marks"]
    assert sum(section["characters"] for section in judgement.details["sections"]) == 30_000


def fenced(message: str) -> str:
    """The pupil's text in a message, as it was written."""
    boundary = next(line for line in message.splitlines() if line.startswith("==="))
    return message.split(f"{boundary}")[1].removeprefix("\n").removesuffix("\n").replace(JOINER, "")


def test_thirty_thousand_characters_are_refused_as_too_large_where_sections_are_not_wanted(
    prompts: Prompts, script: ScriptedServer, model_server: ModelServer
) -> None:
    room = replace(SMALL, long_text=LongText.REFUSE)
    with pytest.raises(InputFault) as refused:
        judge(TASK, LONG, prompts, asker(model_server), room)
    assert (refused.value.reason, refused.value.error_code) == ("text_too_long", "input_too_large")
    assert script.requests() == []


def test_each_question_leaves_room_for_asking_again_and_for_the_longest_answer(prompts: Prompts) -> None:
    parts = parts_of(Material(TASK, LONG), prompts, SMALL)
    assert len(parts) > 2
    for part in parts:
        asked = TokenEstimate().tokens(message.content for message in part.question.messages)
        assert asked + AGAIN + longest_answer(part.question.format) + THINKING["low"] <= SMALL.num_ctx


@pytest.mark.parametrize("language", ["de", "en"])
def test_asking_again_adds_no_more_than_is_left_for_it(prompts: Prompts, language: str) -> None:
    material = Material(type(TASK)(TASK.instruction, TASK.criteria, TASK.hints, language), "Text.")
    first = first_question(material, prompts)
    for problems in (
        [Problem.FEEDBACK_TOO_LONG, Problem.SCORE_UNUSABLE, Problem.EXPLANATION_UNUSABLE],
        [Problem.ANSWER_CUT],
    ):
        second = second_question(first, problems, material, prompts)
        added = second.messages[-1].content.removeprefix(first.messages[-1].content)
        assert TokenEstimate().tokens_within(added) <= AGAIN


def test_where_the_task_alone_fills_the_context_the_server_has_the_say(prompts: Prompts) -> None:
    (part,) = parts_of(Material(TASK, LONG), prompts, Room(num_ctx=2048, num_predict=1536))
    assert part.material.text_md == LONG


#: It fits by the estimate, if not by what the server counts in the tests below.
MIDDLING = LONG[:6000]
COUNTED = {"prompt_tokens": 9000}
UNCOUNTED = {"fault": {"name": "status", "status": 400, "error": "the prompt is longer than the context length"}}


@pytest.mark.parametrize("refusal", [COUNTED, UNCOUNTED])
def test_a_question_that_the_server_finds_too_long_is_asked_in_sections(
    prompts: Prompts, script: ScriptedServer, model_server: ModelServer, refusal: dict[str, Any]
) -> None:
    assert len(parts_of(Material(TASK, MIDDLING), prompts, ROOM)) == 1
    script.rules([{"match": {"nth": 1}, "action": refusal}, {"action": {"json": ANSWER}}])
    judgement = judge(TASK, MIDDLING, prompts, asker(model_server), ROOM)
    refused, *sections = script.requests()
    assert refused["outcome"] != "done"
    assert len(sections) > 1
    assert "".join(fenced(call["contents"][1]) for call in sections) == MIDDLING
    assert "judged_in_sections" in judgement.details["marks"]
    assert len(judgement.details["calls"]) == len(sections)


def test_a_section_that_the_server_finds_too_long_has_the_whole_text_divided_anew_and_no_call_untold(
    prompts: Prompts, script: ScriptedServer, model_server: ModelServer
) -> None:
    before = len(parts_of(Material(TASK, LONG), prompts, ROOM))
    script.rules([{"match": {"nth": 2}, "action": COUNTED}, {"action": {"json": ANSWER}}])
    judgement = judge(TASK, LONG, prompts, asker(model_server), ROOM)
    answered, refused, *sections = script.requests()
    assert (answered["outcome"], refused["outcome"]) == ("done", "refused 400")
    assert len(sections) > before
    assert "".join(fenced(call["contents"][1]) for call in sections) == LONG
    assert len(judgement.details["sections"]) == len(sections)
    assert len(judgement.details["calls"]) == 1 + len(sections)


def test_where_sections_are_not_wanted_the_servers_word_decides_as_the_estimate_does(
    prompts: Prompts, script: ScriptedServer, model_server: ModelServer
) -> None:
    script.rules([{"action": COUNTED}])
    with pytest.raises(InputFault) as refused:
        judge(TASK, MIDDLING, prompts, asker(model_server), replace(ROOM, long_text=LongText.REFUSE))
    assert (refused.value.reason, refused.value.error_code) == ("text_too_long", "input_too_large")
    assert len(script.requests()) == 1


@pytest.mark.parametrize(("refusal", "most"), [({"prompt_tokens": 1_000_000}, 1), (COUNTED, 8), (UNCOUNTED, 8)])
def test_what_no_division_helps_waits_for_the_operator(
    prompts: Prompts, script: ScriptedServer, model_server: ModelServer, refusal: dict[str, Any], most: int
) -> None:
    script.rules([{"action": refusal}])
    with pytest.raises(OverLimit):
        judge(TASK, MIDDLING, prompts, asker(model_server), ROOM)
    assert len(script.requests()) <= most


def test_a_section_with_nothing_in_it_is_not_asked_about(prompts: Prompts) -> None:
    text = "Ein Satz. " * 400 + "[unleserlich] " * 800
    parts = parts_of(Material(TASK, text), prompts, SMALL)
    assert parts
    assert all("Ein Satz." in part.material.text_md for part in parts)


def test_a_section_with_a_letter_in_it_is_asked_about(prompts: Prompts) -> None:
    text = f"a{' [unleserlich]' * 800}\nb{' [unleserlich]' * 800}\nc{' [unleserlich]' * 800}"
    parts = parts_of(Material(TASK, text), prompts, SMALL)
    assert "".join(re.sub("[^abc]", "", re.sub(r"\[.*?\]", "", part.material.text_md)) for part in parts) == "abc"


def reading(score: int | None, reason: str = "", explanation: str = "Gut.") -> Reading:
    left_out = {"score": reason} if reason else {}
    return Reading("Gut gemacht.", (CriterionReading(score, explanation, left_out=left_out),))


@pytest.mark.parametrize(
    ("readings", "score", "reason"),
    [
        ([reading(8), reading(2)], 5, ""),
        ([reading(8), reading(None, "none_given")], 8, ""),
        ([reading(7), reading(8)], 8, ""),
        ([reading(0), reading(0)], 0, ""),
        ([reading(8), reading(None, "out_of_range")], None, "out_of_range"),
        ([reading(None, "none_given"), reading(None, "none_given")], None, "none_given"),
    ],
)
def test_points_are_the_mean_of_the_sections_that_gave_some(
    readings: list[Reading], score: int | None, reason: str
) -> None:
    whole = merged(readings, [100, 100], ["Abschnitt 1", "Abschnitt 2"], [Criterion("Inhalt")])
    assert whole.criteria[0].score == score
    assert whole.criteria[0].left_out.get("score", "") == reason
    assert whole.overall == (None if score is None else [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5][score])
    assert whole.criteria[0].explanation == "Abschnitt 1: Gut.\n\nAbschnitt 2: Gut."


def test_a_longer_section_weighs_more() -> None:
    whole = merged([reading(10), reading(0)], [300, 100], ["1", "2"], [Criterion("Inhalt")])
    assert whole.criteria[0].score == 8
