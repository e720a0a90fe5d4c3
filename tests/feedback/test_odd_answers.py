"""The corpus of malformed and odd answers, said by a scripted model server to the real code over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from modelserver.testing import ScriptedServer
from submissions.errors import AnswerFault, Fault, ModelAway, ServerFault
from submissions.feedback.judge import judge
from submissions.feedback.problems import Problem
from submissions.feedback.values import Judgement
from submissions.model_server import ModelServer
from submissions.prompts import Prompts
from tests.feedback.asking import ROOM, SETTINGS, asker
from tests.feedback.corpora import corpus
from tests.feedback.example import ANSWER, TASK, TEXT, answer_text

ANSWERS = corpus("answers")
USABLE = [entry for entry in ANSWERS if entry["then"] not in [*Problem]]
UNUSABLE = [entry for entry in ANSWERS if entry["then"] in [*Problem]]


def says(script: ScriptedServer, entry: dict[str, Any]) -> None:
    """Let the server say the entry's answer; its second one to the second question, if it has one."""
    script.rules([rule(entry, nth=1), rule(entry.get("second", entry))])


def rule(entry: dict[str, Any], **match: int) -> dict[str, Any]:
    # One token: a megabyte in words would take seconds to stream.
    action = {"tokens": [answer_text(entry)], "done_reason": entry.get("done", "stop")}
    return {"match": {"model": "scripted-text", **match}, "action": action}


def judged(script: ScriptedServer, model_server: ModelServer, prompts: Prompts, entry: dict[str, Any]) -> Judgement:
    says(script, entry)
    return judge(TASK, TEXT, prompts, asker(model_server), ROOM)


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    assert len({entry["name"] for entry in ANSWERS}) == len(ANSWERS) >= 120


@pytest.mark.parametrize("entry", USABLE, ids=lambda entry: entry["name"])
def test_what_was_said_is_stored_where_it_belongs_and_nothing_else(
    script: ScriptedServer,
    model_server: ModelServer,
    prompts: Prompts,
    satisfies_contract: Callable[[object], None],
    entry: dict[str, Any],
) -> None:
    judgement = judged(script, model_server, prompts, entry)
    satisfies_contract(judgement.analysis)
    results = judgement.analysis["criteria_results"]
    assert [result["criterion"] for result in results] == ["Inhalt", "Form", "Sprache"]
    assert [result.get("score") for result in results] == entry.get("scores", [8, 3, 6])
    assert judgement.analysis.get("score") == entry.get("overall", 4)
    assert [bool(result["explanation_md"]) for result in results] == entry.get("said", [True] * 3)
    assert judgement.parse_status == entry["then"]
    assert judgement.details["repairs"] == entry.get("repairs", judgement.details["repairs"])
    assert judgement.feedback_md
    assert entry.get("shown", "") in judgement.feedback_md


@pytest.mark.parametrize("entry", UNUSABLE, ids=lambda entry: entry["name"])
def test_an_answer_that_cannot_be_used_is_asked_for_again_once_and_then_refused(
    script: ScriptedServer, model_server: ModelServer, prompts: Prompts, entry: dict[str, Any]
) -> None:
    with pytest.raises(AnswerFault) as fault:
        judged(script, model_server, prompts, entry)
    assert fault.value.reason == entry["then"]
    assert len(script.requests()) == 2


def test_every_question_of_the_corpus_held_the_pupils_text(
    script: ScriptedServer, model_server: ModelServer, prompts: Prompts
) -> None:
    for entry in USABLE:
        script.forget_requests()
        judged(script, model_server, prompts, entry)
        asked = script.requests()
        assert 1 <= len(asked) <= 2
        assert all(TEXT in call["contents"][-1] for call in asked)


def test_asking_again_says_why_warmer_and_leaves_all_before_it_as_it_was(
    script: ScriptedServer, model_server: ModelServer, prompts: Prompts
) -> None:
    says(script, {"text": "Der Text ist gut.", "second": {}})
    judgement = judge(TASK, TEXT, prompts, asker(model_server), ROOM)
    first, second = script.requests()
    assert second["contents"][0] == first["contents"][0]
    assert second["contents"][1].startswith(first["contents"][1])
    assert "kein vollständiges JSON-Objekt" in second["contents"][1].removeprefix(first["contents"][1])
    assert second["options"]["temperature"] > first["options"]["temperature"]
    assert second["roles"] == ["system", "user"]
    assert judgement.details["asked_again"] == ["answer_not_json"]
    assert len(judgement.details["calls"]) == 2


THINKER = {"name": "scripted-text", "capabilities": ["completion", "thinking"]}


@pytest.mark.parametrize(
    ("first", "levels"),
    [
        ({"text": "Der Text ist gut."}, ["high", False]),
        ({"fault": "cut"}, ["high", False]),
        ({"json": {**ANSWER, "feedback": ""}}, ["high", "high"]),
        ({"json": ANSWER}, ["high"]),
    ],
)
def test_a_model_whose_thoughts_cost_it_the_form_answers_again_without_thinking(
    script: ScriptedServer, model_server: ModelServer, prompts: Prompts, first: dict[str, Any], levels: list[object]
) -> None:
    script.config(models=[THINKER])
    script.rules([{"match": {"nth": 1}, "action": first}, rule({})])
    judge(TASK, TEXT, prompts, asker(model_server, replace(SETTINGS, think_level="high")), ROOM)
    assert [call["flags"]["think"] for call in script.requests()] == levels


def test_a_model_that_repeats_itself_is_asked_again(
    script: ScriptedServer, model_server: ModelServer, prompts: Prompts
) -> None:
    loop = {"match": {"nth": 1}, "action": {"tokens": ["Gut gemacht, weiter so! "] * 400}}
    script.rules([loop, rule({})])
    judgement = judge(TASK, TEXT, prompts, asker(model_server), ROOM)
    assert judgement.details["asked_again"] == ["answer_broke_off"]
    assert judgement.parse_status == "parsed_structured"


GAP = {"json": {**ANSWER, "criterion_2": None}}
RUNNER_DIED = {"fault": {"name": "status", "status": 500, "error": "model runner has unexpectedly stopped"}}
TOO_LONG = {"prompt_tokens": 1_000_000}
BUSY = {"fault": {"name": "status", "status": 503, "error": "server busy, please try again."}}


@pytest.mark.parametrize("second", [RUNNER_DIED, TOO_LONG])
def test_a_first_answer_with_a_gap_is_not_thrown_away_because_asking_again_fails(
    script: ScriptedServer, model_server: ModelServer, prompts: Prompts, second: dict[str, Any]
) -> None:
    script.rules([{"match": {"nth": 1}, "action": GAP}, {"action": second}])
    judgement = judge(TASK, TEXT, prompts, asker(model_server), ROOM)
    assert len(script.requests()) == 2
    assert [each.get("score") for each in judgement.analysis["criteria_results"]] == [8, None, 6]
    assert judgement.parse_status == "parsed_partial"
    assert judgement.details["asked_again"] == ["criterion_missing"]
    assert len(judgement.details["calls"]) == 1


@pytest.mark.parametrize(
    ("first", "second", "fault"),
    [({"text": "Gut!"}, RUNNER_DIED, ServerFault), (GAP, BUSY, ModelAway), ({"text": "Gut!"}, BUSY, ModelAway)],
)
def test_it_is_all_asked_once_more_where_there_is_nothing_to_keep_or_nobody_was_there_to_ask_again(
    script: ScriptedServer,
    model_server: ModelServer,
    prompts: Prompts,
    first: dict[str, Any],
    second: dict[str, Any],
    fault: type[Fault],
) -> None:
    script.rules([{"match": {"nth": 1}, "action": first}, {"action": second}])
    with pytest.raises(fault):
        judge(TASK, TEXT, prompts, asker(model_server), ROOM)


def test_of_two_answers_that_say_as_much_the_one_without_a_problem_is_taken(
    script: ScriptedServer, model_server: ModelServer, prompts: Prompts
) -> None:
    too_many = {**ANSWER, "criterion_1": {**ANSWER["criterion_1"], "score": 80}}
    unjudged = {**ANSWER, "criterion_1": {**ANSWER["criterion_1"], "score": None}, "feedback": "Das ist gut."}
    script.rules([{"match": {"nth": 1}, "action": {"json": too_many}}, {"action": {"json": unjudged}}])
    judgement = judge(TASK, TEXT, prompts, asker(model_server), ROOM)
    assert judgement.feedback_md == "Das ist gut."
    assert judgement.parse_status == "parsed_structured"


def test_what_stands_beside_the_analysis_tells_where_it_came_from(
    script: ScriptedServer, model_server: ModelServer, prompts: Prompts
) -> None:
    judgement = judged(script, model_server, prompts, {})
    assert judgement.model == "scripted-text"
    assert judgement.prompt_version == prompts.feedback_version("de")
    (call,) = judgement.details["calls"]
    assert call["prompt_tokens"] > 0
    assert call["output_tokens"] > 0
    assert not {"text", "thinking"} & set(call)
    evidence = [each["evidence"] for each in judgement.details["criteria"]]
    assert evidence == [ANSWER[f"criterion_{number}"]["evidence"] for number in (1, 2, 3)]
