"""Errors that reach the client as Ollama words them: `{"error": "<text>"}` with Ollama's status.

Statuses and texts follow Ollama v0.33 (server/routes.go, server/sched.go, api/types.go). Permanent faults can be
500 there, so they are here: a client that judges by status alone is meant to be caught out.
"""

from __future__ import annotations

import json


class ApiError(Exception):
    """A refusal: HTTP status and the text that stands in the `error` field."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


def model_not_found(name: str) -> ApiError:
    return ApiError(404, f"model '{name}' not found")


def does_not_support(name: str, capability: str) -> ApiError:
    return ApiError(400, f'"{name}" does not support {capability}')


def server_busy() -> ApiError:
    """Ollama's 503; its two spaces are real."""
    return ApiError(503, "server busy, please try again.  maximum pending requests exceeded")


def from_llama_server(status: int, message: str, kind: str, **extra: object) -> ApiError:
    """An error of the inner llama-server: Ollama passes its JSON body on as a string, so clients parse twice."""
    inner = {"error": {"code": status, "message": message, "type": kind, **extra}}
    return ApiError(status, json.dumps(inner, separators=(",", ":")))


def no_image_support() -> ApiError:
    return from_llama_server(
        400,
        "Multimodal data provided, but model does not support multimodal requests.",
        "invalid_request_error",
    )


def context_exceeded(prompt_tokens: int, context_length: int) -> ApiError:
    """What a prompt gets that does not fit and may not be truncated (`truncate: false`, or an image in it)."""
    return from_llama_server(
        400,
        f"request ({prompt_tokens} tokens) exceeds the available context size ({context_length} tokens),"
        " try increasing it",
        "exceed_context_size_error",
        n_prompt_tokens=prompt_tokens,
        n_ctx=context_length,
    )
