"""Each fault as the official client (or raw HTTP where the client hides it) experiences it."""

import json
from typing import Any

import httpx
import ollama
import pytest

from modelserver.testing import ScriptedServer

QUESTION = [{"role": "user", "content": "Was ist gut an diesem Text?"}]
JSON_ANSWER = {"score": 3, "criteria": ["Inhalt", "Sprache", "Aufbau"]}


def fault(name: str, /, **parameters: object) -> list[dict[str, Any]]:
    return [{"action": {"fault": {"name": name, **parameters}}}]


def whole(client: ollama.Client) -> ollama.ChatResponse:
    return client.chat("scripted-text", QUESTION)


def parts(client: ollama.Client) -> list[ollama.ChatResponse]:
    """A streamed answer, kept part by part so that a test sees what came before an error."""
    return list(client.chat("scripted-text", QUESTION, stream=True))


def until_error(client: ollama.Client, error: type[Exception]) -> tuple[list[str], Exception]:
    seen: list[str] = []
    with pytest.raises(error) as caught:
        for part in client.chat("scripted-text", QUESTION, stream=True):
            seen.append(part.message.content or "")
    return seen, caught.value


def outcome(server: ScriptedServer) -> str:
    server.wait(ended=1)
    return str(server.requests()[-1]["outcome"])


@pytest.mark.parametrize("call", [whole, parts])
def test_a_status_fault_reaches_the_client_with_its_status_and_text(
    server: ScriptedServer, client: ollama.Client, call: Any
) -> None:
    server.rules(fault("status", status=500, error="llama-server process has terminated: exit status 2"))
    with pytest.raises(ollama.ResponseError) as caught:
        call(client)
    assert caught.value.status_code == 500
    assert caught.value.error == "llama-server process has terminated: exit status 2"
    assert outcome(server) == "fault status"


@pytest.mark.parametrize("call", [whole, parts])
def test_busy_is_ollamas_503(server: ScriptedServer, client: ollama.Client, call: Any) -> None:
    server.rules(fault("busy"))
    with pytest.raises(ollama.ResponseError, match="maximum pending requests exceeded") as caught:
        call(client)
    assert caught.value.status_code == 503


def test_a_llama_error_is_json_inside_the_error_text(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules(fault("llama_error"))
    with pytest.raises(ollama.ResponseError) as caught:
        whole(client)
    inner = json.loads(caught.value.error)["error"]
    assert inner == {
        "code": 400,
        "message": "Failed to load image or audio file",
        "type": "invalid_request_error",
    }


def test_an_error_in_mid_stream_comes_after_the_chunks_and_has_no_status(
    server: ScriptedServer, client: ollama.Client
) -> None:
    server.rules(fault("error_mid_stream", after=2, error="runner died"))
    seen, error = until_error(client, ollama.ResponseError)
    assert seen == ["This ", "is "]
    assert isinstance(error, ollama.ResponseError)
    assert (error.error, error.status_code) == ("runner died", -1)


def test_an_error_in_mid_answer_has_a_real_status_without_streaming(
    server: ScriptedServer, client: ollama.Client
) -> None:
    server.rules(fault("error_mid_stream", after=2, error="runner died"))
    with pytest.raises(ollama.ResponseError) as caught:
        whole(client)
    assert caught.value.status_code == 500


def test_an_end_without_done_raises_nothing_in_the_client(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules(fault("no_done", after=2))
    assert [part.done for part in parts(client)] == [False, False]
    answer = whole(client)
    assert answer.done is False
    assert answer.message.content == "This is "
    assert answer.eval_count is None


def test_nothing_generated_is_an_empty_object_with_status_200(server: ScriptedServer, raw: httpx.Client) -> None:
    server.rules(fault("empty_object"))
    answer = raw.post("/api/chat", json={"model": "scripted-text", "messages": QUESTION, "stream": False})
    assert answer.status_code == 200
    assert answer.json()["done"] is False
    assert answer.json()["created_at"].startswith("0001")


@pytest.mark.parametrize("call", [whole, parts])
def test_a_reset_before_the_first_byte_is_a_read_error(
    server: ScriptedServer, client: ollama.Client, call: Any
) -> None:
    server.rules(fault("reset"))
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        call(client)
    assert outcome(server) == "fault reset"


@pytest.mark.parametrize("mid_chunk", [False, True])
def test_a_reset_in_mid_stream_comes_after_the_chunks(
    server: ScriptedServer, client: ollama.Client, mid_chunk: bool
) -> None:
    server.rules(fault("reset", after=2, mid_chunk=mid_chunk))
    seen, _ = until_error(client, httpx.ReadError)
    assert seen == ["This ", "is "]


def test_a_closed_connection_is_a_protocol_error(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules(fault("close"))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        whole(client)


def test_a_connection_closed_inside_a_chunk_is_a_protocol_error(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules(fault("close", after=2, mid_chunk=True))
    seen, _ = until_error(client, httpx.RemoteProtocolError)
    assert seen == ["This ", "is "]


def test_a_stall_before_the_first_byte_ends_in_the_clients_read_timeout(server: ScriptedServer) -> None:
    server.rules(fault("stall"))
    with ollama.Client(server.url, timeout=0.2, trust_env=False) as client, pytest.raises(httpx.ReadTimeout):
        whole(client)
    assert outcome(server) == "fault stall"


def test_a_stall_between_tokens_ends_in_the_clients_read_timeout(server: ScriptedServer) -> None:
    server.rules(fault("stall", after=3))
    with ollama.Client(server.url, timeout=0.2, trust_env=False) as client:
        seen, _ = until_error(client, httpx.ReadTimeout)
    assert seen == ["This ", "is ", "answer "]


def test_a_stall_with_an_end_goes_on_to_the_full_answer(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules(fault("stall", after=1, seconds=0.05))
    assert parts(client)[-1].done_reason == "stop"


def test_a_cut_answer_says_length_and_is_no_valid_json(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules([{"action": {"json": JSON_ANSWER, "fault": {"name": "cut", "after": 6}}}])
    answer = client.chat("scripted-text", QUESTION, format="json")
    assert (answer.done, answer.done_reason) == (True, "length")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.message.content or "")


def test_a_repeat_abort_of_old_ollama_keeps_31_repeats_and_has_no_done(
    server: ScriptedServer, client: ollama.Client
) -> None:
    server.rules(fault("repeat", text="… "))
    answer = whole(client)
    assert (answer.done, answer.message.content) == (False, "… " * 31)


def test_a_repeat_abort_of_new_ollama_is_an_error(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules(fault("repeat", count=100, ending="error"))
    with pytest.raises(ollama.ResponseError, match="token repeat limit reached") as caught:
        whole(client)
    assert caught.value.status_code == 500


def test_an_endless_loop_ends_at_num_predict(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules(fault("repeat", text="na ", ending="never"))
    answer = client.chat("scripted-text", QUESTION, options={"num_predict": 50})
    assert (answer.done_reason, answer.eval_count) == ("length", 50)


@pytest.mark.parametrize("call", [whole, parts])
def test_a_malformed_line_is_a_json_error_in_the_client(
    server: ScriptedServer, client: ollama.Client, call: Any
) -> None:
    server.rules(fault("malformed_line", after=1))
    with pytest.raises(json.JSONDecodeError):
        call(client)


def test_thinking_comes_in_its_own_field_before_the_content(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules([{"action": {"thinking": "Erst lesen.", "text": "Dann schreiben."}}])
    answer = whole(client)
    assert (answer.message.thinking, answer.message.content) == ("Erst lesen.", "Dann schreiben.")
    assert parts(client)[0].message.thinking == "Erst "
