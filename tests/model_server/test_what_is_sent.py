"""What reaches the model server, read back from its own log of requests."""

import hashlib

import pytest

from modelserver.testing import ScriptedServer
from submissions.model_server import Message, ModelServer, load_options
from submissions.model_server.catalogue import ModelCard
from tests.model_server.asking import PNG, a_page, a_request, fault_of
from tests.model_server.conftest import settings_for
from tests.model_server.raw_server import SHOWN, RawServer, http, ndjson, piece

THINKER = {"name": "thinker", "capabilities": ["completion", "thinking"]}
DONE = ndjson(piece("Fine."), piece(done=True, done_reason="stop"))


def test_every_request_streams_with_explicit_thinking_and_without_silent_truncation_shift_or_keep_alive(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    model_server.ask(a_request())
    sent = script.requests()[0]
    assert sent["stream"] is True
    assert sent["flags"] == {"think": False, "truncate": False, "shift": False}


def test_options_hold_the_context_and_the_limit_and_nothing_that_was_not_set(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    model_server.ask(a_request(num_ctx=2048, num_predict=99, temperature=0.0))
    assert script.requests()[0]["options"] == {"num_ctx": 2048, "num_predict": 99, "temperature": 0.0}


def test_load_options_that_are_set_go_with_every_call_and_with_a_preload(script: ScriptedServer) -> None:
    settings = settings_for(script.url, num_batch=256, num_thread=2, num_gpu=0)
    server = ModelServer(settings)
    server.ask(a_request())
    server.ask(a_page())
    expected = {"num_ctx": 4096, "num_batch": 256, "num_thread": 2, "num_gpu": 0}
    assert load_options(settings, 4096) == expected
    assert all(expected.items() <= sent["options"].items() for sent in script.requests())


def test_a_seed_is_sent_when_there_is_one(model_server: ModelServer, script: ScriptedServer) -> None:
    model_server.ask(a_request(seed=7))
    assert script.requests()[0]["options"]["seed"] == 7


def test_roles_and_texts_arrive_in_order_and_unchanged(model_server: ModelServer, script: ScriptedServer) -> None:
    texts = ("Sei <streng> & „gerecht“.", "Zeile\u2028mit\x85allem\n")
    model_server.ask(a_request(messages=(Message("system", texts[0]), Message("user", texts[1]))))
    sent = script.requests()[0]
    assert (sent["roles"], tuple(sent["contents"])) == (["system", "user"], texts)


def test_an_image_arrives_byte_for_byte(model_server: ModelServer, script: ScriptedServer) -> None:
    model_server.ask(a_page())
    assert script.requests()[0]["image_sha256"] == [hashlib.sha256(PNG).hexdigest()]


def test_a_text_in_place_of_an_image_is_refused_since_the_client_would_open_it_as_a_file() -> None:
    with pytest.raises(TypeError):
        Message("user", "Read.", ("/etc/hostname",))  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{"num_predict": 0}, {"num_predict": -1}, {"messages": ()}])
def test_a_request_that_would_never_end_or_asks_nothing_cannot_be_made(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"request|num_predict"):
        a_request(**changes)


def test_a_schema_is_sent_as_it_is(model_server: ModelServer, script: ScriptedServer) -> None:
    schema = {"type": "object", "properties": {"c1": {"type": "string", "maxLength": 20}}, "required": ["c1"]}
    model_server.ask(a_request(format=schema))
    assert script.requests()[0]["format"] == schema


def test_a_thinking_level_goes_only_to_models_that_think(model_server: ModelServer, script: ScriptedServer) -> None:
    script.config(models=[THINKER, "scripted-text"])
    model_server.ask(a_request(model="thinker", think="low"))
    model_server.ask(a_request(model="thinker", think="off"))
    model_server.ask(a_request(think="low"))
    assert [sent["flags"]["think"] for sent in script.requests()] == ["low", False, False]


@pytest.mark.parametrize(
    ("shown", "sent"),
    [
        ({}, [False, "low", "high"]),
        ({"details": {"family": "gptoss"}}, ["low", "low", "high"]),
        ({"thinking": {"values": ["low", "medium", "high"]}}, ["low", "low", "high"]),
        ({"thinking": {"values": [True, False]}}, [False, True, True]),
        ({"thinking": {"values": [False]}}, [False, False, False]),
        ({"thinking": {"values": ["medium", "max"]}}, ["medium", "medium", "medium"]),
        ({"thinking": None, "details": None}, [False, "low", "high"]),
        ({"capabilities": ["completion"]}, [False, False, False]),
    ],
)
def test_a_level_that_a_model_does_not_know_becomes_the_nearest_that_it_knows(
    shown: dict[str, object], sent: list[object]
) -> None:
    card = ModelCard.read({"capabilities": ["completion", "thinking"], **shown})
    assert [card.thinking(level) for level in ("off", "low", "high")] == sent


def test_gpt_oss_is_told_to_think_little_where_it_may_not_think(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.config(models=[{**THINKER, "family": "gptoss"}])
    model_server.ask(a_request(model="thinker", think="off"))
    assert script.requests()[0]["flags"]["think"] == "low"


def test_what_a_model_can_do_is_remembered_until_the_model_server_refuses_it(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.config(models=[THINKER])
    assert model_server.capabilities("thinker") == {"completion", "thinking"}
    script.config(models=["thinker"])
    assert "thinking" in model_server.capabilities("thinker")
    assert fault_of(model_server, a_request(model="thinker", think="low")).reason == "thinking_refused"
    assert model_server.capabilities("thinker") == {"completion"}


def test_pages_are_not_sent_to_a_model_that_cannot_see(model_server: ModelServer, script: ScriptedServer) -> None:
    assert fault_of(model_server, a_page(model="scripted-text")).reason == "model_without_vision"
    assert script.requests() == []


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "qwen3-vl:cloud", "QWEN3-VL:Cloud"])
def test_a_cloud_model_is_never_asked_by_its_name(model_server: ModelServer, script: ScriptedServer, name: str) -> None:
    script.config(models=[name])
    assert fault_of(model_server, a_request(model=name)).reason == "cloud_model"
    assert script.requests() == []


def test_a_cloud_model_under_a_harmless_name_gets_no_text_either() -> None:
    with RawServer(DONE, shown={**SHOWN, "remote_host": "https://ollama.com:443", "remote_model": "x"}) as raw:
        assert fault_of(ModelServer(settings_for(raw.url))).reason == "cloud_model"
    assert not any(b"/api/chat" in request for request in raw.requests)


def test_the_environment_of_the_client_has_no_influence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:1")
    monkeypatch.setenv("OLLAMA_API_KEY", "a-key-for-the-cloud")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with RawServer(DONE) as raw:
        ModelServer(settings_for(raw.url)).ask(a_request())
    assert len(raw.requests) == 2
    assert not any(b"authorization" in request.lower() for request in raw.requests)


def test_a_redirect_is_not_followed() -> None:
    with RawServer(DONE) as elsewhere:
        away = http(b"", "307 Temporary Redirect", f"Location: {elsewhere.url}/api/chat", "Content-Length: 0")
        with RawServer(away) as raw:
            assert fault_of(ModelServer(settings_for(raw.url))).reason == "redirected"
    assert elsewhere.requests == []


def test_models_and_version_are_told(model_server: ModelServer, script: ScriptedServer) -> None:
    script.config(version="0.33.1", models=["a", "b:3b"])
    assert model_server.models() == ("a:latest", "b:3b")
    assert model_server.version() == "0.33.1"
