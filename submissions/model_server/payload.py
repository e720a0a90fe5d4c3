"""The body of one chat request, exactly as it is sent.

Load options are the same on every call to a model, or Ollama loads it anew (reference §3): `num_ctx` always, the
settings OLLAMA_NUM_BATCH, OLLAMA_NUM_THREAD and OLLAMA_NUM_GPU when set, `shift` always false. `truncate: false`
turns silent cuts of the prompt into an error. There is no `keep_alive`: it can block a model that waits to be loaded
(reference §2).
"""

from __future__ import annotations

from typing import Any

import ollama

from submissions.model_server.values import Message, Request
from submissions.settings import Settings


def chat_body(request: Request, settings: Settings, *, think: bool | str) -> dict[str, Any]:
    """The JSON for POST /api/chat. `think`: as the model knows it (ModelCard.thinking)."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        "think": think,
        "truncate": False,
        "shift": False,
        "options": {**load_options(settings, request.num_ctx), **_sampling(request)},
    }
    if request.format is not None:
        body["format"] = dict(request.format)
    return body


def load_options(settings: Settings, num_ctx: int) -> dict[str, int]:
    """What decides how the model is loaded; a preload has to send the same."""
    options = {"num_ctx": num_ctx}
    if settings.num_batch > 0:
        options["num_batch"] = settings.num_batch
    if settings.num_thread > 0:
        options["num_thread"] = settings.num_thread
    if settings.num_gpu >= 0:
        options["num_gpu"] = settings.num_gpu
    return options


def _sampling(request: Request) -> dict[str, int | float]:
    options: dict[str, int | float] = {"num_predict": request.num_predict, "temperature": request.temperature}
    return options if request.seed is None else {**options, "seed": request.seed}


def _message(message: Message) -> dict[str, Any]:
    images = [ollama.Image(value=image) for image in message.images] or None
    return ollama.Message(role=message.role, content=message.content, images=images).model_dump(exclude_none=True)
