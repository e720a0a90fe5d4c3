"""What is believed of an answer, and what is not."""

import json

import pytest

from modelserver.testing import ScriptedServer
from submissions.errors import AnswerFault, ServerFault, SetupFault
from submissions.model_server import ModelServer
from tests.model_server.asking import a_request, fault_of
from tests.model_server.conftest import settings_for
from tests.model_server.raw_server import RawServer, http, ndjson, piece


def test_text_thinking_and_figures_of_a_complete_answer_are_kept(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.config(models=[{"name": "scripted-text", "capabilities": ["completion", "thinking"]}], prefill_seconds=0.05)
    script.rules([{"action": {"tokens": ["Gut", " ge", "macht"], "thinking": "hm", "prompt_tokens": 321}}])
    answer = model_server.ask(a_request(think="low"))
    assert (answer.text, answer.thinking, answer.model) == ("Gut gemacht", "hm", "scripted-text")
    assert (answer.done_reason, answer.truncated) == ("stop", False)
    assert (answer.prompt_tokens, answer.output_tokens) == (321, 4)
    assert answer.total_seconds >= answer.prompt_seconds >= 0.05
    assert answer.generation_seconds > 0


def test_an_answer_cut_by_a_limit_is_told_from_a_complete_one(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.rules([{"action": {"text": "one two three four five six", "fault": {"name": "cut", "after": 2}}}])
    answer = model_server.ask(a_request())
    assert answer.truncated
    assert answer.text


def test_pieces_of_text_are_handed_on_as_they_come_and_thinking_is_not(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.rules([{"action": {"tokens": ["a", "b"], "thinking": "secret"}}])
    pieces: list[str] = []
    model_server.ask(a_request(), on_token=pieces.append)
    assert pieces == ["a", "b"]


def test_what_the_listener_raises_ends_the_request_and_passes_through(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.config(tokens_per_second=20)
    script.rules([{"action": {"tokens": ["x"] * 1000}}])

    def object_to(_piece: str) -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        model_server.ask(a_request(), on_token=object_to)
    assert script.wait(ended=1)
    assert script.requests()[0]["outcome"] == "aborted by client"


def test_line_separators_inside_an_answer_do_not_break_it() -> None:
    text = "a\u2028b\x85c\u2029d\x1ee"
    body = json.dumps(piece(text), ensure_ascii=False) + "\n" + json.dumps(piece(done=True, done_reason="stop"))
    with RawServer(http(body.encode())) as raw:
        assert ModelServer(settings_for(raw.url)).ask(a_request()).text == text


def test_figures_that_the_server_leaves_out_are_zero() -> None:
    with RawServer(ndjson(piece(done=True, done_reason="stop"))) as raw:
        answer = ModelServer(settings_for(raw.url)).ask(a_request())
    assert (answer.prompt_tokens, answer.output_tokens, answer.load_seconds) == (0, 0, 0.0)


@pytest.mark.parametrize("fault", ["no_done", {"name": "no_done", "after": 2}, "empty_object"])
def test_an_answer_without_its_last_line_is_not_believed(
    model_server: ModelServer, script: ScriptedServer, fault: object
) -> None:
    script.rules([{"action": {"tokens": ["one", "two", "three"], "fault": fault}}])
    caught = fault_of(model_server)
    assert (type(caught), caught.reason) == (AnswerFault, "unfinished")


@pytest.mark.parametrize("reason", ["load", "unload", "something new"])
def test_an_answer_that_ends_for_an_unknown_reason_is_not_believed(
    model_server: ModelServer, script: ScriptedServer, reason: str
) -> None:
    script.rules([{"action": {"text": "fine", "done_reason": reason}}])
    caught = fault_of(model_server)
    assert (type(caught), caught.reason) == (AnswerFault, "end_unknown")


def test_a_line_that_is_no_json_ends_the_answer(model_server: ModelServer, script: ScriptedServer) -> None:
    script.rules([{"action": {"text": "one two three four", "fault": {"name": "malformed_line", "after": 2}}}])
    caught = fault_of(model_server)
    assert (type(caught), caught.reason) == (ServerFault, "bad_body")


@pytest.mark.parametrize("line", ["[1]", '"text"', "{}", "[" * 100_000, '{"done": "perhaps"}', "\xff"])
def test_a_line_that_is_json_but_no_piece_ends_the_answer(line: str) -> None:
    body = json.dumps(piece("good")).encode() + b"\n" + line.encode("latin-1") + b"\n"
    with RawServer(http(body)) as raw:
        assert fault_of(ModelServer(settings_for(raw.url))).reason == "bad_body"


def test_a_line_without_end_is_given_up() -> None:
    endless = http(json.dumps(piece("good")).encode() + b"\n" + b"x" * (9 * 1024 * 1024))
    with RawServer(endless) as raw:
        assert fault_of(ModelServer(settings_for(raw.url))).reason == "bad_body"


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b'{"choices": []}', b"\x1f\x8b"])
def test_something_else_that_answers_with_200_is_a_matter_for_the_operator(body: bytes) -> None:
    with RawServer(http(body)) as raw:
        caught = fault_of(ModelServer(settings_for(raw.url)))
    assert (type(caught), caught.reason) == (SetupFault, "not_ollama")


def test_a_body_that_cannot_be_decompressed_is_a_broken_connection() -> None:
    with RawServer(http(b"not gzip", "200 OK", "Content-Encoding: gzip")) as raw:
        assert fault_of(ModelServer(settings_for(raw.url))).reason == "connection_lost"
