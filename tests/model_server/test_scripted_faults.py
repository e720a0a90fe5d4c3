"""Every fault that the scripted model server knows, and the verdict that our client alone comes to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from modelserver.scripted.faults import FAULTS
from modelserver.testing import ScriptedServer
from submissions.errors import AnswerFault, Fault, ModelAway, ModelUnfit, ServerAway, ServerFault, SetupFault
from submissions.model_server import Message, ModelServer
from tests.model_server.asking import a_request, fault_of
from tests.model_server.conftest import settings_for

CASES: list[tuple[str, dict[str, Any], type[Fault], str]] = [
    ("busy", {}, ModelAway, "server_busy"),
    ("status", {"status": 500}, ServerFault, "server_error"),
    ("status", {"status": 499, "error": "request canceled"}, ModelAway, "load_cancelled"),
    ("status", {"status": 404, "error": "model 'x' not found"}, ModelUnfit, "model_missing"),
    ("llama_error", {}, ServerFault, "image_refused"),
    ("error_mid_stream", {}, ServerFault, "runner_died"),
    ("no_done", {"after": 0}, AnswerFault, "unfinished"),
    ("no_done", {"after": 2}, AnswerFault, "unfinished"),
    ("empty_object", {}, AnswerFault, "unfinished"),
    ("repeat", {}, AnswerFault, "repetition"),
    ("repeat", {"count": 100, "ending": "error"}, AnswerFault, "repetition"),
    ("repeat", {"text": "und noch einmal ", "ending": "never"}, AnswerFault, "repetition"),
    ("reset", {}, ServerAway, "connection_reset"),
    ("reset", {"after": 2, "mid_chunk": True}, ServerAway, "connection_lost"),
    ("close", {}, ServerAway, "connection_reset"),
    ("close", {"after": 2, "mid_chunk": True}, ServerAway, "connection_lost"),
    ("stall", {}, ModelAway, "first_byte_timeout"),
    ("stall", {"after": 2}, ServerFault, "stalled"),
    ("wedge", {}, ModelAway, "first_byte_timeout"),
    ("malformed_line", {"after": 0}, SetupFault, "not_ollama"),
    ("malformed_line", {"after": 2}, ServerFault, "bad_body"),
    ("crash", {}, ServerFault, "runner_died"),
    ("crash", {"after": 2}, ServerFault, "runner_died"),
]
#: Those that end in an answer.
HARMLESS = {"cut", "slot_leak"}


@pytest.fixture
def hasty(script: ScriptedServer) -> ModelServer:
    """Does not wait long for a silent server."""
    return ModelServer(settings_for(script.url, first_byte_seconds=0.5, between_bytes_seconds=0.5))


@pytest.mark.parametrize(("name", "parameters", "kind", "reason"), CASES)
def test_a_scripted_fault_is_one_fault(
    hasty: ModelServer, script: ScriptedServer, name: str, parameters: dict[str, Any], kind: type[Fault], reason: str
) -> None:
    script.rules([{"action": {"fault": {"name": name, **parameters}}}])
    caught = fault_of(hasty)
    assert (type(caught), caught.reason) == (kind, reason)


def test_a_cut_answer_is_an_answer_that_says_so(hasty: ModelServer, script: ScriptedServer) -> None:
    script.rules([{"action": {"fault": "cut"}}])
    assert hasty.ask(a_request()).truncated


def test_an_answer_whose_slot_may_leak_is_whole_for_who_stays(hasty: ModelServer, script: ScriptedServer) -> None:
    script.rules([{"action": {"text": "Gut.", "fault": "slot_leak"}}])
    assert hasty.ask(a_request()).text == "Gut."


def test_no_scripted_fault_is_without_its_verdict() -> None:
    assert {name for name, *_ in CASES} | HARMLESS == set(FAULTS)


def test_who_was_beside_the_request_that_crashed_the_model_is_not_to_blame(
    script: ScriptedServer, hasty: ModelServer, background: ThreadPoolExecutor
) -> None:
    script.rules([{"match": {"contains": "Gift"}, "action": {"fault": "crash"}}])
    script.hold()
    patient = ModelServer(settings_for(script.url))
    culprit = background.submit(fault_of, patient, a_request(messages=(Message("user", "Gift"),)))
    script.wait(held=1)
    bystander = background.submit(fault_of, patient, a_request())
    script.wait(received=2)
    script.release()
    assert (type(culprit.result(5)), type(bystander.result(5))) == (ServerFault, ModelAway)
    assert bystander.result().reason == "runner_gone"
    assert hasty.ask(a_request()).text
