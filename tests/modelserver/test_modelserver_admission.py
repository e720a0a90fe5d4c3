"""Who gets to a model when, and what the outside sees of it meanwhile."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import ollama

from modelserver.testing import ScriptedServer
from tests.modelserver.callers import a_caller, ask
from tests.waiting import until


def test_a_loaded_model_answers_past_a_full_queue_of_pending_loads(server: ScriptedServer) -> None:
    ask(server)
    server.config(load_seconds=60, max_queue=0, models=["scripted-text", "another"])
    assert ask(server, "another").status_code == 503
    server.config(max_queue=1)
    with a_caller(server, model="another"):
        assert ask(server).status_code == 200


def test_a_model_is_in_ps_only_when_it_is_ready(
    server: ScriptedServer, client: ollama.Client, background: ThreadPoolExecutor
) -> None:
    server.config(load_seconds=0.3)
    loading = background.submit(ask, server)
    server.wait(received=1)
    assert client.ps().models == []
    assert loading.result(5).json()["load_duration"] >= 300_000_000
    assert [model.model for model in client.ps().models] == ["scripted-text:latest"]


def test_a_model_leaves_the_memory_when_its_time_is_over(server: ScriptedServer, client: ollama.Client) -> None:
    ask(server, keep_alive=0.1)
    until(lambda: client.ps().models == [], "an empty memory", timeout=5)
    ask(server, keep_alive=-1)
    assert len(client.ps().models) == 1


def test_the_model_with_the_shortest_time_to_stay_is_evicted(server: ScriptedServer, client: ollama.Client) -> None:
    server.config(models=["a", "b", "c"], max_loaded=2)
    ask(server, "a", keep_alive=600)
    ask(server, "b", keep_alive=60)
    ask(server, "c")
    assert {model.model for model in client.ps().models} == {"a:latest", "c:latest"}


def test_not_a_byte_leaves_before_the_first_token_and_then_one_line_for_each(server: ScriptedServer) -> None:
    server.config(load_seconds=0.1, prefill_seconds=0.2)
    server.rules([{"action": {"tokens": ["ein", "s ", "zwei"]}}])
    body = {"model": "scripted-text", "messages": [{"role": "user", "content": "x"}]}
    with httpx.stream("POST", f"{server.url}/api/chat", json=body, trust_env=False) as answer:
        lines = [json.loads(line) for line in answer.iter_lines()]
    (record,) = server.requests()
    assert record["first_byte"] - record["received"] >= 0.3
    assert [line["message"]["content"] for line in lines] == ["ein", "s ", "zwei", ""]


def test_a_load_that_is_given_up_has_the_status_499(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules([{"action": {"fault": {"name": "status", "status": 499, "error": "request canceled"}}}])
    assert ask(server).status_code == 499
