"""Each wait has its own end, and the whole has one, too."""

import socket

from modelserver.testing import ScriptedServer
from submissions.errors import ModelAway, ServerAway, ServerFault
from submissions.model_server import ModelServer
from tests.model_server.asking import a_request, fault_of
from tests.model_server.conftest import settings_for
from tests.model_server.deaf import deaf_address

SHORT = 0.2


def test_a_host_that_takes_no_connection_is_away_after_the_connect_deadline() -> None:
    with deaf_address() as url:
        caught = fault_of(ModelServer(settings_for(url, connect_seconds=SHORT)))
    assert (type(caught), caught.reason) == (ServerAway, "connect_timeout")


def test_silence_before_the_first_byte_does_not_count(script: ScriptedServer) -> None:
    script.hold()
    caught = fault_of(ModelServer(settings_for(script.url, first_byte_seconds=SHORT)))
    assert (type(caught), caught.reason) == (ModelAway, "first_byte_timeout")


def test_silence_before_the_first_byte_does_not_count_when_the_total_ends_it(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.hold()
    caught = fault_of(model_server, a_request(total_seconds=SHORT))
    assert (type(caught), caught.reason) == (ModelAway, "first_byte_timeout")


def test_silence_within_an_answer_counts(script: ScriptedServer) -> None:
    script.rules([{"action": {"text": "one two three", "fault": {"name": "stall", "after": 2}}}])
    caught = fault_of(ModelServer(settings_for(script.url, between_bytes_seconds=SHORT)))
    assert (type(caught), caught.reason) == (ServerFault, "stalled")


def test_the_first_byte_may_take_longer_than_every_later_one(script: ScriptedServer) -> None:
    script.config(prefill_seconds=2 * SHORT)
    assert ModelServer(settings_for(script.url, between_bytes_seconds=SHORT)).ask(a_request()).text


THINKER = {"name": "scripted-text", "capabilities": ["completion", "thinking"]}
SCHEMA = {"type": "object"}


def test_with_thinking_and_a_format_silence_after_the_thoughts_is_the_queue_once_more(script: ScriptedServer) -> None:
    script.config(models=[THINKER])
    script.rules(
        [{"action": {"tokens": ["", "{}"], "thinking": "hm", "fault": {"name": "stall", "after": 1, "seconds": 0.5}}}]
    )
    patient = ModelServer(settings_for(script.url, between_bytes_seconds=SHORT))
    assert patient.ask(a_request(think="low", format=SCHEMA)).text == "{}"
    assert fault_of(patient, a_request(think="low")).reason == "stalled"
    hasty = ModelServer(settings_for(script.url, first_byte_seconds=SHORT))
    assert fault_of(hasty, a_request(think="low", format=SCHEMA)).reason == "first_byte_timeout"


def test_with_thinking_and_a_format_silence_after_the_first_word_counts_again(script: ScriptedServer) -> None:
    script.config(models=[THINKER])
    script.rules([{"action": {"tokens": ["{", "}"], "fault": {"name": "stall", "after": 1}}}])
    server = ModelServer(settings_for(script.url, between_bytes_seconds=SHORT))
    assert fault_of(server, a_request(think="low", format=SCHEMA)).reason == "stalled"


def test_a_model_that_thinks_without_end_counts_when_the_total_ends_it(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.config(models=[THINKER], tokens_per_second=20)
    script.rules([{"action": {"thinking": "hm, " * 1000, "text": "{}"}}])
    request = a_request(think="low", format=SCHEMA, total_seconds=3 * SHORT)
    assert fault_of(model_server, request).reason == "total_timeout"


def test_an_answer_that_only_trickles_ends_with_the_total_deadline_and_counts(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.config(tokens_per_second=20)
    script.rules([{"action": {"tokens": ["x"] * 1000}}])
    caught = fault_of(model_server, a_request(total_seconds=3 * SHORT))
    assert (type(caught), caught.reason) == (ServerFault, "total_timeout")
    script.wait(ended=1)
    assert script.requests()[0]["outcome"] == "aborted by client"
    assert script.requests()[0]["tokens"] < 100


def test_a_server_that_takes_in_no_request_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        model = "x" * 8_000_000  # the name goes out with the first question
        caught = fault_of(ModelServer(settings_for(url, between_bytes_seconds=SHORT)), a_request(model=model))
    assert (type(caught), caught.reason) == (ServerAway, "send_timeout")


def test_a_question_about_a_model_ends_with_the_request_that_asks_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        caught = fault_of(ModelServer(settings_for(url)), a_request(total_seconds=SHORT))
    assert (type(caught), caught.reason) == (ServerAway, "first_byte_timeout")
