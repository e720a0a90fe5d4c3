"""Loading, evicting, queueing and crashing as Ollama does it, hazards included."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import ollama
import pytest

from modelserver.testing import ScriptedServer


def ask(server: ScriptedServer, model: str = "scripted-text", text: str = "Hallo", **fields: Any) -> Any:
    """One whole answer as JSON; its status decides whether it is an error."""
    body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": False, **fields}
    return httpx.post(f"{server.url}/api/chat", json=body, timeout=10, trust_env=False)


@contextmanager
def unanswered_call(server: ScriptedServer) -> Iterator[None]:
    """A call whose client waits inside the block and has left at its end."""
    body = json.dumps({"model": "scripted-text", "prompt": "x"})
    head = f"POST /api/generate HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall((head + body).encode())
        server.wait(received=1)
        yield


def loads(server: ScriptedServer, model: str = "scripted-text") -> int:
    return int(server.state()["models"][model]["loads"])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({}, {}, 1),
        ({"options": {"num_ctx": 8192}}, {"options": {"num_ctx": 8192, "temperature": 1, "num_predict": 5}}, 1),
        ({"options": {"num_ctx": 8192}}, {}, 2),
        ({}, {"options": {"num_batch": 64}}, 2),
        ({"shift": False}, {}, 2),
        ({"options": {"num_gpu": 4}}, {"options": {"num_gpu": -1}}, 1),
        ({"truncate": False}, {"think": False, "format": "json"}, 1),
    ],
)
def test_a_call_with_other_load_options_loads_the_model_anew(
    server: ScriptedServer, first: dict[str, Any], second: dict[str, Any], expected: int
) -> None:
    ask(server, **first)
    ask(server, **second)
    assert loads(server) == expected


def test_models_that_do_not_fit_side_by_side_load_at_every_change(server: ScriptedServer) -> None:
    server.config(max_loaded=1, load_seconds=0.02)
    for _ in range(2):
        assert ask(server, "scripted-vision").json()["load_duration"] >= 20_000_000
        ask(server, "scripted-text")
    assert (loads(server, "scripted-vision"), loads(server, "scripted-text")) == (2, 2)
    with ollama.Client(server.url, trust_env=False) as client:
        assert [model.model for model in client.ps().models] == ["scripted-text:latest"]


def test_keep_alive_zero_unloads_once_the_call_has_ended(server: ScriptedServer, client: ollama.Client) -> None:
    ask(server, keep_alive=0)
    assert client.ps().models == []


def test_calls_beyond_the_queue_of_pending_loads_are_refused(
    server: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    server.config(load_seconds=60, max_queue=1)
    with unanswered_call(server):
        waiting = background.submit(ask, server)
        server.wait(received=2)
        assert ask(server).status_code == 503
        server.config(load_seconds=0)
    assert waiting.result(5).status_code == 200


def test_a_client_that_leaves_while_its_model_loads_aborts_the_load_and_the_next_starts_anew(
    server: ScriptedServer,
) -> None:
    server.config(load_seconds=60)
    with unanswered_call(server):
        server.config(load_seconds=0)
    server.wait(ended=1)
    assert ask(server).status_code == 200
    assert loads(server) == 2


def test_new_calls_join_a_model_that_is_to_be_evicted_and_starve_the_one_that_waits(
    server: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    server.config(max_loaded=1, num_parallel=2)
    server.hold()
    background.submit(ask, server)
    server.wait(held=1)
    starved = background.submit(ask, server, "scripted-vision")
    server.wait(received=2)
    background.submit(ask, server)
    server.wait(held=2)
    server.release()
    assert starved.result(5).status_code == 200
    _, waited, overtook = server.requests()
    assert overtook["received"] > waited["received"]
    assert overtook["first_byte"] < waited["first_byte"]


def test_a_keep_alive_of_its_own_undoes_the_eviction_and_wedges_the_one_that_waits(
    server: ScriptedServer, client: ollama.Client, background: ThreadPoolExecutor
) -> None:
    server.config(max_loaded=1, num_parallel=2)
    server.hold()
    background.submit(ask, server)
    server.wait(held=1)
    wedged = background.submit(ask, server, "scripted-vision")
    server.wait(received=2)
    background.submit(ask, server, keep_alive=-1)
    server.wait(held=2)
    server.release()
    server.wait(ended=2)
    assert server.state()["models"]["scripted-vision"]["in_flight"] == 1
    assert not wedged.done()
    client.chat("scripted-text", [], keep_alive=0)
    assert wedged.result(5).status_code == 200


def test_a_crash_fails_every_admitted_call_and_the_next_one_loads_the_model_anew(
    server: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    server.rules([{"match": {"contains": "bad"}, "action": {"fault": "crash"}}])
    server.hold()
    culprit = background.submit(ask, server, text="bad page")
    server.wait(held=1)
    bystander = background.submit(ask, server)
    server.wait(received=2)
    server.release()
    assert culprit.result(5).status_code == 500
    assert culprit.result().json()["error"].startswith("an error was encountered while running the model")
    assert bystander.result(5).status_code == 500
    assert bystander.result().json()["error"].startswith("llama-server process no longer running")
    assert ask(server).status_code == 200
    assert loads(server) == 2


def test_a_leaked_slot_comes_back_only_when_the_model_is_unloaded(
    server: ScriptedServer, client: ollama.Client
) -> None:
    slow = {"tokens": ["wort "] * 10_000, "tokens_per_second": 200, "fault": "slot_leak"}
    server.rules([{"match": {"times": 1}, "action": slow}])
    body = {"model": "scripted-text", "prompt": "x"}
    with httpx.stream("POST", f"{server.url}/api/generate", json=body, trust_env=False) as answer:
        next(answer.iter_lines())
    server.wait(ended=1)
    assert server.state()["models"]["scripted-text"]["running"] == 1
    client.generate("scripted-text", keep_alive=0)
    assert ask(server).status_code == 200


def test_a_repeated_beginning_is_cached_but_still_counted_in_the_answer(server: ScriptedServer) -> None:
    server.config(prefill_tokens_per_second=2000)
    first = ask(server, text="wort " * 200 + "erster").json()
    second = ask(server, text="wort " * 200 + "zweiter").json()
    assert first["prompt_eval_count"] == second["prompt_eval_count"] == 201
    assert [record["prompt_tokens_cached"] for record in server.requests()] == [0, 200]
    assert first["prompt_eval_duration"] >= 100_000_000 > second["prompt_eval_duration"]


def test_old_messages_are_dropped_silently_when_the_conversation_is_too_long(server: ScriptedServer) -> None:
    messages = [
        {"role": "system", "content": "regel " * 10},
        {"role": "user", "content": "alt " * 80},
        {"role": "user", "content": "neu " * 30},
    ]
    body: dict[str, Any] = {"messages": messages, "options": {"num_ctx": 100}}
    assert ask(server, **body).json()["prompt_eval_count"] == 40
    assert ask(server, **body, truncate=False).status_code == 400


def test_a_family_that_ollama_gives_one_slot_gets_one(server: ScriptedServer, background: ThreadPoolExecutor) -> None:
    server.config(models=[{"name": "qwen", "family": "qwen3vl"}], num_parallel=4)
    server.hold()
    calls = [background.submit(ask, server, "qwen") for _ in range(2)]
    server.wait(received=2, held=1)
    assert server.state()["models"]["qwen"]["running"] == 1
    server.release()
    assert [call.result(5).status_code for call in calls] == [200, 200]
