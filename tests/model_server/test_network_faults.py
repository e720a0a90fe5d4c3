"""Connections that fail: none of it is the document's doing, so none of it counts."""

import json
import socket

import pytest

from modelserver.testing import ScriptedServer
from submissions.errors import OverLimit, ServerAway, SettingsRefused, SetupFault
from submissions.model_server import Message, ModelServer
from tests.model_server.asking import a_page, fault_of
from tests.model_server.conftest import settings_for
from tests.model_server.raw_server import RawServer, http, piece


def test_a_server_that_is_not_started_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    caught = fault_of(ModelServer(settings_for(url)))
    assert (type(caught), caught.reason) == (ServerAway, "connection_refused")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b"])
def test_a_host_that_is_not_known_is_away(host: str) -> None:
    caught = fault_of(ModelServer(settings_for(f"http://{host}:11434")))
    assert (type(caught), caught.reason) == (ServerAway, "host_unknown")


@pytest.mark.parametrize("fault", ["reset", "close"])
def test_a_connection_cut_before_the_first_byte_does_not_count(
    model_server: ModelServer, script: ScriptedServer, fault: str
) -> None:
    script.rules([{"action": {"fault": fault}}])
    caught = fault_of(model_server)
    assert (type(caught), caught.reason) == (ServerAway, "connection_reset")


@pytest.mark.parametrize("fault", ["reset", "close"])
@pytest.mark.parametrize("mid_chunk", [True, False])
def test_a_connection_cut_in_the_middle_of_an_answer_does_not_count_either(
    model_server: ModelServer, script: ScriptedServer, fault: str, mid_chunk: bool
) -> None:
    script.rules(
        [{"action": {"text": "one two three four", "fault": {"name": fault, "after": 2, "mid_chunk": mid_chunk}}}]
    )
    caught = fault_of(model_server)
    assert (type(caught), caught.reason) == (ServerAway, "connection_lost")


def test_a_server_that_is_killed_in_the_middle_of_an_answer_is_away() -> None:
    with ScriptedServer(tokens_per_second=50) as script:
        script.rules([{"action": {"tokens": ["x "] * 1000}}])
        server = ModelServer(settings_for(script.url))
        assert script.process is not None
        process = script.process
        assert fault_of(server, on_token=lambda _: process.kill()).reason == "connection_lost"
        process.wait(5)
        assert fault_of(server).reason == "connection_refused"


def test_what_the_server_says_before_it_stops_listening_is_heard() -> None:
    large = a_page(messages=(Message("user", "Read.", (b"x" * 8_000_000,)),))
    refusal = http(b"", "413 Too Large", "Content-Length: 0")
    with RawServer(refusal, shown={"capabilities": ["vision"]}, reads_bodies=False) as raw:
        caught = fault_of(ModelServer(settings_for(raw.url)), large)
    assert (type(caught), caught.reason) == (OverLimit, "request_too_large")


def test_a_port_that_speaks_no_http_is_a_matter_for_the_operator() -> None:
    with RawServer(b"SSH-2.0-OpenSSH_9.6\r\n") as raw:
        caught = fault_of(ModelServer(settings_for(raw.url)))
    assert (type(caught), caught.reason) == (SetupFault, "not_ollama")


def test_a_port_that_speaks_no_tls_is_a_matter_for_the_operator(script: ScriptedServer) -> None:
    caught = fault_of(ModelServer(settings_for(script.url.replace("http:", "https:"))))
    assert (type(caught), caught.reason) == (SetupFault, "tls_failed")


def test_broken_chunks_are_a_broken_connection() -> None:
    line = json.dumps(piece("x")).encode()
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\nnot hex\r\n" % (len(line), line)
    with RawServer(chunked) as raw:
        assert fault_of(ModelServer(settings_for(raw.url))).reason == "connection_lost"


@pytest.mark.parametrize("url", ["http://host:99999", "http://[::1"])
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(SettingsRefused, match="OLLAMA_BASE_URL"):
        ModelServer(settings_for(url))
