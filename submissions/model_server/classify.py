"""From what the model server said to exactly one fault.

`classify` reads the error out of its wrapping, looks it up in the tables of known texts (the first row that fits
decides), and falls back on the status. The server's text is never passed on: it may quote what the pupil wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from submissions.errors import Fault, OverLimit, ServerFault
from submissions.kinds import Kind
from submissions.model_server.known import MID_STREAM
from submissions.model_server.server_errors import SERVER_ERRORS
from submissions.model_server.setup_errors import SETUP_ERRORS
from submissions.model_server.status_errors import HOST_REFUSED, STATUS_ERRORS

#: An error's meaning stands at its beginning; what follows may be a quotation and decides nothing.
DECISIVE_CHARACTERS = 300
#: JSON within JSON is unwrapped so often; llama-server's errors need two.
LAYERS = 4

UNKNOWN_MID_STREAM = Kind(
    "an error line within an answer with any other text",
    ServerFault,
    "mid_stream_error",
    "the model server reported an error in the middle of an answer; see its log",
)


def classify(status: int | None, error: object, model: str) -> Fault:
    """The fault that an error of the model server is.

    `status`: the HTTP status; MID_STREAM (None) for an error line within an answer that had begun with 200.
    `error`: the body's text, or whatever stood in the line's `error` field.
    """
    text = error_text(error)[:DECISIVE_CHARACTERS].lower()
    for known in SETUP_ERRORS + SERVER_ERRORS:
        if known.means(status, text):
            return _with_count(known(model=model), error)
    if status is MID_STREAM:
        return UNKNOWN_MID_STREAM()
    row = next(row for row in STATUS_ERRORS if status in row.statuses)
    if status in HOST_REFUSED.statuses and not text:
        row = HOST_REFUSED
    return row(status=status)


def error_text(error: object) -> str:
    """The words of an error: plain text, JSON with an `error`, and llama-server's JSON within that (reference §1.3).

    llama-server's `type` is put before its message. What is no error of these shapes has no words.
    """
    for layer in _layers(error):
        inner = layer.get("error") or layer.get("message")
        error = f"{layer['type']}: {inner}" if isinstance(inner, str) and "type" in layer else inner
    return error if isinstance(error, str) else ""


def _with_count(fault: Fault, error: object) -> Fault:
    """With the tokens of a prompt that was too long (reference §3: llama-server says `n_prompt_tokens`)."""
    if isinstance(fault, OverLimit):
        counts = [layer.get("n_prompt_tokens") for layer in _layers(error)]
        fault.prompt_tokens = next((count for count in counts if type(count) is int and count > 0), 0)
    return fault


def _layers(error: object) -> Iterator[dict[str, Any]]:
    """The objects of an error, from the outermost on."""
    for _ in range(LAYERS):
        error = _parsed(error)
        if not isinstance(error, dict):
            return
        yield error
        error = error.get("error") or error.get("message")


def _parsed(error: object) -> Any:
    """The value of a text that is JSON of an object; anything else as it is."""
    if not isinstance(error, str) or not error.lstrip().startswith("{"):
        return error
    try:
        return json.loads(error)
    except (ValueError, RecursionError):
        return error
