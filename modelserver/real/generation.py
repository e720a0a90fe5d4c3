"""One generation in llama.cpp's words: the request that a model call becomes, and what its events mean.

Sampling that worked with this small model: temperature 0.7 and DRY at 0.8 against loops, no repeat penalty. The call's
options override the first; DRY always stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelserver.calls import ModelCall
from modelserver.errors import ApiError, from_llama_server

DEFAULTS: Mapping[str, object] = {"temperature": 0.7, "dry_multiplier": 0.8}
# Ollama's option → llama.cpp's field.
_OPTIONS = {
    "temperature": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "typical_p": "typical_p",
    "seed": "seed",
    "repeat_penalty": "repeat_penalty",
    "repeat_last_n": "repeat_last_n",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "stop": "stop",
}


@dataclass(frozen=True)
class Piece:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class Ended:
    """The end of a generation: llama.cpp's own counts (tokens) and times (seconds)."""

    reason: str
    cached: int
    evaluated: int
    prompt_seconds: float
    tokens: int
    token_seconds: float
    load_seconds: float = 0.0


Event = Piece | Ended | ApiError


def llama_request(call: ModelCall) -> dict[str, Any]:
    """The chat-completion request for a call."""
    options = {_OPTIONS[name]: value for name, value in call.options.items() if name in _OPTIONS}
    limit = {"max_tokens": call.num_predict} if call.num_predict else {}
    return {
        "messages": [{"role": message.role, "content": message.content} for message in call.messages],
        "stream": True,
        # A progress event after each batch of the prompt is a chance to notice that the client has gone.
        "return_progress": True,
        **DEFAULTS,
        **options,
        **limit,
        **_response_format(call),
    }


def event_of(chunk: Mapping[str, Any]) -> Event | None:
    """What a chunk means; None for progress and role announcements."""
    if "error" in chunk:
        return _refusal(dict(chunk["error"]))
    choice = chunk["choices"][0]
    if choice["finish_reason"] is not None:
        return _ended(choice["finish_reason"], chunk["timings"])
    text = choice["delta"].get("content")
    return Piece(text) if text else None


def unusable_schema(error: ValueError) -> ApiError:
    """llama.cpp could not turn the schema into a grammar."""
    return from_llama_server(400, str(error), "invalid_request_error")


def _response_format(call: ModelCall) -> dict[str, Any]:
    if call.format is None:
        return {}
    if isinstance(call.format, str):
        return {"response_format": {"type": "json_object"}}
    return {"response_format": {"type": "json_schema", "json_schema": {"schema": call.format}}}


def _ended(reason: str, timings: Mapping[str, Any]) -> Ended:
    return Ended(
        reason=reason,
        cached=timings["cache_n"],
        evaluated=timings["prompt_n"],
        prompt_seconds=timings["prompt_ms"] / 1000,
        tokens=timings["predicted_n"],
        token_seconds=timings["predicted_ms"] / 1000,
    )


def _refusal(error: dict[str, Any]) -> ApiError:
    status, message, kind = error.pop("code", 500), error.pop("message", ""), error.pop("type", "server_error")
    return from_llama_server(status, message, kind, **error)
