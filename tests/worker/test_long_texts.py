"""30 000 characters and a context of 4096 tokens, for each setting: nothing is lost without a word."""

from __future__ import annotations

import pytest

from modelserver.testing import ScriptedServer
from tests.factories import hand_in_text, rows
from tests.feedback.test_long_texts import LONG, fenced
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_whole_path import all_completed, statuses


@pytest.fixture
def small(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "AI_FEEDBACK_NUM_CTX": "4096", "AI_FEEDBACK_NUM_PREDICT": "2048"}


def test_in_sections_every_character_is_asked_about_once(
    small: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    hand_in_text(platform_url, LONG)
    hand_in_text(platform_url, LONG[::-1])
    with Worker(small):
        until(lambda: all_completed(owner_url), "completed submissions", timeout=60)
    asked = "".join(fenced(call["contents"][1]) for call in model_server.requests())
    assert asked == LONG + LONG[::-1]
    assert {call["outcome"] for call in model_server.requests()} == {"done"}
    for analysis, details in rows(
        owner_url,
        "SELECT analysis_json, details FROM learning_submissions s JOIN learning_results r ON r.submission_id = s.id",
    ):
        assert len(analysis["criteria_results"]) == 3
        assert sum(section["characters"] for section in details["sections"]) == len(LONG)
        assert "judged_in_sections" in details["marks"]


def test_refused_it_fails_as_too_large_and_nobody_is_asked(
    small: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    hand_in_text(platform_url, LONG)
    with Worker({**small, "AI_FEEDBACK_LONG_TEXT": "refuse"}):
        until(lambda: statuses(owner_url) == ["failed"], "a failed submission")
    assert model_server.requests() == []
    assert rows(owner_url, "SELECT error_code, reason, feedback_md FROM learning_submissions, learning_work") == [
        ("input_too_large", "text_too_long", None)
    ]


def test_a_question_that_the_server_finds_too_long_costs_no_attempt_and_no_wait(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    text = LONG[:6000]
    model_server.add_rules({"match": {"nth": 1}, "action": {"prompt_tokens": 9000}})
    hand_in_text(platform_url, text)
    with Worker(environment):
        until(lambda: all_completed(owner_url), "a completed submission", timeout=60)
    refused, *asked = model_server.requests()
    assert (refused["outcome"], {call["outcome"] for call in asked}) == ("refused 400", {"done"})
    assert "".join(fenced(call["contents"][1]) for call in asked) == text
    assert len(asked) > 1
    assert rows(owner_url, "SELECT verdict FROM learning_attempts") == [("done",)]
