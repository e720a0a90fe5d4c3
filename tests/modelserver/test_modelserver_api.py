"""Each endpoint as the official client and raw HTTP see it."""

import base64
import json

import httpx
import ollama
import pytest

from modelserver.scripted.answers import page_text
from modelserver.testing import ScriptedServer

IMAGE = b"\x89PNG of page one"
QUESTION = [{"role": "user", "content": "Was ist gut an diesem Text?"}]


def test_root_says_that_ollama_is_running(raw: httpx.Client) -> None:
    assert raw.get("/").text == "Ollama is running"
    assert raw.head("/").status_code == 200


def test_version_tags_ps_and_show_are_understood_by_the_official_client(
    client: ollama.Client, raw: httpx.Client
) -> None:
    assert raw.get("/api/version").json() == {"version": "0.33.0"}
    assert [model.model for model in client.list().models] == [
        "scripted-vision:latest",
        "scripted-text:latest",
        "qwen2.5vl:3b",
        "gpt-oss:latest",
    ]
    assert client.ps().models == []
    shown = client.show("scripted-vision")
    assert shown.capabilities == ["completion", "vision"]
    assert shown.modelinfo is not None
    assert shown.modelinfo["scripted.context_length"] == 131_072


def test_a_model_is_in_ps_after_its_first_call_with_the_context_of_that_call(client: ollama.Client) -> None:
    client.chat("scripted-text", QUESTION, options={"num_ctx": 8192})
    (loaded,) = client.ps().models
    assert (loaded.model, loaded.context_length) == ("scripted-text:latest", 8192)


def test_an_image_is_answered_with_text_that_follows_from_its_bytes(client: ollama.Client) -> None:
    message = {"role": "user", "content": "Read this page.", "images": [IMAGE]}
    answer = client.chat("scripted-vision", [message])
    assert answer.message.content == page_text(IMAGE)
    again = client.generate("scripted-vision", "Read this page.", images=[IMAGE])
    assert again.response == page_text(IMAGE)


def test_equal_calls_get_equal_answers_and_different_calls_different_ones(client: ollama.Client) -> None:
    first = client.chat("scripted-text", QUESTION).message.content
    assert client.chat("scripted-text", QUESTION).message.content == first
    other = client.chat("scripted-text", [{"role": "user", "content": "Etwas anderes"}])
    assert other.message.content != first


@pytest.mark.parametrize("endpoint", ["chat", "generate"])
def test_a_streamed_answer_joins_to_the_whole_answer(client: ollama.Client, endpoint: str) -> None:
    if endpoint == "chat":
        whole = client.chat("scripted-text", QUESTION).message.content
        pieces = [part.message.content for part in client.chat("scripted-text", QUESTION, stream=True)]
    else:
        whole = client.generate("scripted-text", "Hallo").response
        pieces = [part.response for part in client.generate("scripted-text", "Hallo", stream=True)]
    assert len(pieces) > 2
    assert "".join(piece or "" for piece in pieces) == whole


def test_only_the_last_line_of_a_stream_is_done_and_carries_the_metrics(raw: httpx.Client) -> None:
    answer = raw.post("/api/chat", json={"model": "scripted-text", "messages": QUESTION})
    assert answer.headers["content-type"] == "application/x-ndjson"
    *parts, last = [json.loads(line) for line in answer.text.splitlines()]
    assert not any(part["done"] or "done_reason" in part or "eval_count" in part for part in parts)
    assert last["done"]
    assert last["done_reason"] == "stop"
    assert last["eval_count"] == len(parts)
    assert last["prompt_eval_count"] == 7
    assert all(isinstance(last[name], int) for name in last if name.endswith("_duration"))
    assert last["total_duration"] >= last["eval_duration"]


def test_a_whole_answer_is_one_json_object_with_the_same_fields(raw: httpx.Client) -> None:
    answer = raw.post("/api/generate", json={"model": "scripted-text", "prompt": "Hallo", "stream": False})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    body = answer.json()
    assert body["done"]
    assert body["response"].startswith("This is answer")


def test_num_predict_cuts_the_answer_and_says_length(client: ollama.Client) -> None:
    answer = client.chat("scripted-text", QUESTION, options={"num_predict": 3})
    assert answer.done_reason == "length"
    assert answer.eval_count == 3
    assert answer.message.content == "This is answer "


def test_an_empty_call_loads_and_keep_alive_zero_unloads(client: ollama.Client) -> None:
    assert client.generate("scripted-text").done_reason == "load"
    assert len(client.ps().models) == 1
    assert client.chat("scripted-text", [], keep_alive=0).done_reason == "unload"
    assert client.ps().models == []


def test_angle_brackets_arrive_escaped_as_go_writes_them(server: ScriptedServer, raw: httpx.Client) -> None:
    server.rules([{"action": {"text": "a < b & c"}}])
    answer = raw.post("/api/chat", json={"model": "scripted-text", "messages": QUESTION, "stream": False})
    assert "a \\u003c b \\u0026 c" in answer.text
    assert answer.json()["message"]["content"] == "a < b & c"


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("chat", {"model": "nix", "messages": QUESTION}, 404, "model 'nix' not found"),
        ("generate", {"model": "", "prompt": "x"}, 404, "model '' not found"),
        ("chat", {"messages": QUESTION}, 400, "model is required"),
        ("show", {"model": "nix"}, 404, "model 'nix' not found"),
        ("chat", {"model": "scripted-text", "think": "very"}, 400, "invalid think value"),
        ("chat", {"model": "scripted-text", "think": True}, 400, '"scripted-text" does not support thinking'),
        ("chat", {"model": "scripted-text", "format": 3}, 500, "invalid format: 3;"),
        (
            "chat",
            {"model": "scripted-text", "options": {"num_ctx": "8k"}},
            500,
            'option "num_ctx" must be of type integer',
        ),
        ("chat", {"model": "scripted-text", "keep_alive": "300"}, 400, 'time: missing unit in duration "300"'),
        (
            "generate",
            {"model": "scripted-vision", "prompt": "x", "images": ["data:image/png;base64,AAAA"]},
            400,
            "illegal base64 data at input byte 4",
        ),
    ],
)
def test_a_refusal_has_ollamas_status_and_text(
    raw: httpx.Client, path: str, body: dict[str, object], status: int, error: str
) -> None:
    answer = raw.post(f"/api/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["error"].startswith(error)


def test_images_for_a_text_model_are_refused_with_llama_servers_nested_json(raw: httpx.Client) -> None:
    image = base64.b64encode(IMAGE).decode()
    message = {"role": "user", "content": "x", "images": [image]}
    answer = raw.post("/api/chat", json={"model": "scripted-text", "messages": [message]})
    assert answer.status_code == 400
    inner = json.loads(answer.json()["error"])["error"]
    assert inner["message"] == "Multimodal data provided, but model does not support multimodal requests."


def test_a_prompt_over_the_context_is_a_400_without_truncation_and_silently_cut_with_it(raw: httpx.Client) -> None:
    body = {
        "model": "scripted-text",
        "stream": False,
        "messages": [{"role": "user", "content": "wort " * 300}],
        "options": {"num_ctx": 100},
    }
    refused = raw.post("/api/chat", json={**body, "truncate": False})
    assert refused.status_code == 400
    assert json.loads(refused.json()["error"])["error"]["n_prompt_tokens"] == 300
    assert raw.post("/api/chat", json=body).json()["prompt_eval_count"] == 53
    assert raw.post("/api/chat", json={**body, "shift": False}).status_code == 400


def test_unknown_paths_and_wrong_methods_are_plain_text(raw: httpx.Client) -> None:
    unknown, wrong = raw.get("/api/nothing"), raw.put("/api/chat")
    assert (unknown.status_code, unknown.text) == (404, "404 page not found")
    assert (wrong.status_code, wrong.text) == (405, "405 method not allowed")
    assert unknown.headers["content-type"].startswith("text/plain")


def test_a_foreign_host_header_is_refused_with_an_empty_403(raw: httpx.Client) -> None:
    answer = raw.get("/api/tags", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.content) == (403, b"")


def test_a_broken_body_is_a_400(raw: httpx.Client) -> None:
    assert raw.post("/api/chat", content=b"").json() == {"error": "missing request body"}
    assert raw.post("/api/chat", content=b"{nope").status_code == 400


def test_bodies_of_many_megabytes_are_taken(client: ollama.Client) -> None:
    image = b"x" * 12_000_000
    message = {"role": "user", "content": "Read.", "images": [image]}
    assert client.chat("scripted-vision", [message]).message.content == page_text(image)
