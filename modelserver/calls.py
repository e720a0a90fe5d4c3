"""One model call as a client sent it to /api/chat or /api/generate, checked the way Ollama checks it.

Both endpoints become the same frozen `ModelCall`; a prompt of /api/generate becomes one or two messages. Refusals are
ApiErrors with Ollama's status and wording (Go's JSON texts are imitated closely, not to the last letter).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from modelserver import options as call_options
from modelserver.durations import keep_alive_seconds
from modelserver.errors import ApiError

T = TypeVar("T")

FLAGS = ("think", "truncate", "shift", "keep_alive")
THINK_LEVELS = ("low", "medium", "high", "max")
_MODEL_NAME = re.compile(r"[A-Za-z0-9][\w./-]*(:[\w.-]+)?")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass(frozen=True)
class Message:
    """One message: role in lower case, text, and the decoded bytes of its images."""

    role: str
    content: str
    images: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class ModelCall:
    """A checked request. `format` is None, "json" or a JSON schema; `flags` holds only the flags that were sent."""

    endpoint: str
    model: str
    messages: tuple[Message, ...]
    stream: bool
    format: str | dict[str, object] | None
    options: Mapping[str, object]
    flags: Mapping[str, object]

    @property
    def images(self) -> tuple[bytes, ...]:
        return tuple(image for message in self.messages for image in message.images)

    @property
    def is_preload(self) -> bool:
        """No text and no image: Ollama only loads (or, with keep_alive 0, unloads) the model."""
        return not self.messages

    @property
    def keep_alive(self) -> float | None:
        """Seconds the model shall stay loaded; None when the request does not say."""
        return keep_alive_seconds(self.flags["keep_alive"]) if "keep_alive" in self.flags else None

    @property
    def num_predict(self) -> int | None:
        """The most tokens to generate; None when unbounded (Ollama drops 0 and bounds negatives very late)."""
        limit = self.options.get("num_predict")
        return limit if isinstance(limit, int) and limit > 0 else None

    def context_length(self, default: int) -> int:
        """The context in tokens that this call asks for."""
        asked = self.options.get("num_ctx")
        return asked if isinstance(asked, int) and asked > 0 else default


def parse_chat(raw: bytes) -> ModelCall:
    """A body of POST /api/chat. Raises ApiError."""
    body = _decoded(raw)
    model = _field(body, "model", str, "")
    if not model:
        raise ApiError(400, "model is required")
    messages = tuple(_message(item) for item in _field(body, "messages", list, []))
    return _call("chat", model, messages, body)


def parse_generate(raw: bytes) -> ModelCall:
    """A body of POST /api/generate. Raises ApiError; an empty model name is "not found" here, as with Ollama."""
    body = _decoded(raw)
    prompt, system = _field(body, "prompt", str, ""), _field(body, "system", str, "")
    images = tuple(_image(item) for item in _field(body, "images", list, []))
    messages = [Message("user", prompt, images)] if prompt or images else []
    if system and messages:
        messages.insert(0, Message("system", system))
    return _call("generate", _field(body, "model", str, ""), tuple(messages), body)


def _call(endpoint: str, model: str, messages: tuple[Message, ...], body: dict[str, object]) -> ModelCall:
    if model and not _MODEL_NAME.fullmatch(model):
        raise ApiError(400, "invalid model name")
    flags = {name: body[name] for name in FLAGS if body.get(name) is not None}
    _check_think(flags.get("think"))
    if "keep_alive" in flags:
        keep_alive_seconds(flags["keep_alive"])
    return ModelCall(
        endpoint=endpoint,
        model=model,
        messages=messages,
        stream=_field(body, "stream", bool, True),
        format=_format(body.get("format")),
        options=call_options.checked(_field(body, "options", dict, {})),
        flags=flags,
    )


def _decoded(raw: bytes) -> dict[str, object]:
    if not raw.strip():
        raise ApiError(400, "missing request body")
    try:
        body = json.loads(raw)
    except ValueError as error:
        position = getattr(error, "pos", 0)
        found = raw.decode("utf-8", "replace")[position : position + 1]
        text = f"invalid character '{found}' looking for beginning of value" if found else "unexpected EOF"
        raise ApiError(400, text) from None
    if not isinstance(body, dict):
        raise ApiError(400, f"json: cannot unmarshal {_go_kind(body)} into Go value of type api.Request")
    return body


def _field(body: Mapping[str, object], name: str, kind: type[T], default: T) -> T:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, kind):
        raise ApiError(400, f"json: cannot unmarshal {_go_kind(value)} into Go struct field .{name}")
    return value


def _message(item: object) -> Message:
    if not isinstance(item, dict):
        raise ApiError(400, f"json: cannot unmarshal {_go_kind(item)} into Go struct field .messages")
    images = tuple(_image(image) for image in _field(item, "images", list, []))
    return Message(_field(item, "role", str, "").lower(), _field(item, "content", str, ""), images)


def _image(item: object) -> bytes:
    """Go's []byte: standard alphabet, padded; line breaks are tolerated, data URLs are not."""
    if not isinstance(item, str):
        raise ApiError(400, f"json: cannot unmarshal {_go_kind(item)} into Go struct field .images")
    text = item.replace("\r", "").replace("\n", "").encode()
    bad = _NOT_BASE64.search(text.rstrip(b"="))
    if bad:
        raise ApiError(400, f"illegal base64 data at input byte {bad.start()}")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ApiError(400, f"illegal base64 data at input byte {len(text)}") from None


def _format(value: object) -> str | dict[str, object] | None:
    if value in (None, ""):
        return None
    if value == "json":
        return "json"
    if isinstance(value, dict):
        return value
    shown = json.dumps(value)
    raise ApiError(500, f'invalid format: {shown}; expected "json" or a valid JSON Schema object')


def _check_think(value: object) -> None:
    if value is None or isinstance(value, bool) or value in THINK_LEVELS:
        return
    allowed = '(must be "high", "medium", "low", "max", true, or false)'
    raise ApiError(400, f"invalid think value: {json.dumps(value)} {allowed}")


def _go_kind(value: object) -> str:
    kinds: dict[type, str] = {str: "string", bool: "bool", list: "array", dict: "object"}
    return kinds.get(type(value), "number")
