"""Between a Dramatiq message and a row of the queue.

Rows hold the message exactly as stock dramatiq-pg writes it. Delay and priority travel inside it, in `options.eta` (ms
since 1970) and `options.priority` (lower first); triggers read them, whoever the producer is.
"""

from __future__ import annotations

import json
import time
from typing import Any

import dramatiq
from dramatiq.common import q_name
from dramatiq.errors import DecodeError

from postgres_queue.errors import UnstorableMessage

Message = dramatiq.Message[Any]

#: Types of a valid message's fields. Dramatiq itself takes a text for a list of one-letter arguments.
_SHAPE = {"actor_name": str, "args": list, "kwargs": dict, "options": dict}

#: Options that are not handed to Dramatiq's worker. It would wait for `eta` itself. `throws` means exception classes,
#: which JSON has none of: anything else there ends the worker's thread.
_KEPT_BACK = {"eta", "throws"}


def delayed(message: Message, delay_ms: int | None) -> Message:
    """The message with its due time; as it is without a delay."""
    if not delay_ms or delay_ms <= 0:
        return message
    return message.copy(options={"eta": int(time.time() * 1000) + delay_ms})


def prioritized(message: Message, actor: dramatiq.Actor[..., Any] | None) -> Message:
    """The message with its actor's priority, unless it names one itself or there is none to name."""
    if actor is None or not actor.priority or "priority" in message.options:
        return message
    return message.copy(options={"priority": actor.priority})


def encode(message: Message) -> str:
    """The message as JSON. Raises UnstorableMessage for what jsonb cannot hold: NUL, half a surrogate pair, NaN."""
    raw = message.encode()
    try:
        if b"\\u" in raw or b"NaN" in raw or b"Infinity" in raw:
            _refuse_what_jsonb_refuses(raw)
        return raw.decode("utf-8")
    except UnicodeError:
        raise UnstorableMessage(f"an argument of {message.actor_name} has half a surrogate pair") from None
    except ValueError as problem:
        raise UnstorableMessage(
            f"an argument of {message.actor_name} has {problem}: Postgres cannot store it"
        ) from None


def _refuse_what_jsonb_refuses(raw: bytes) -> None:
    text = json.dumps(json.loads(raw, parse_constant=_refuse_constant), ensure_ascii=False)
    text.encode("utf-8")
    # Without ensure_ascii a NUL is still written as an escape, and a backslash as two.
    if "\\u0000" in text.replace("\\\\", ""):
        raise ValueError("a NUL character")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"the number {name}")


def decode(text: str | None, *, message_id: str, queue_name: str) -> Message:
    """The message of a row. Id and queue are the row's, whatever the payload says: endings are found by them.

    Raises DecodeError for a payload that is no valid message; its text names no value.
    """
    try:
        fields = dramatiq.get_encoder().decode((text or "null").encode("utf-8"))
        message: Message = dramatiq.Message(**fields)
        fits = all(isinstance(fields[name], kind) for name, kind in _SHAPE.items())
    except Exception:  # noqa: BLE001 - whatever is wrong with it: nobody can run it
        fits = False
    if not fits:
        raise DecodeError("not a message", b"", None)  # type: ignore[no-untyped-call]
    options = {key: value for key, value in message.options.items() if key not in _KEPT_BACK}
    return dramatiq.Message(
        queue_name=q_name(queue_name),  # type: ignore[no-untyped-call]
        actor_name=message.actor_name,
        args=message.args,
        kwargs=message.kwargs,
        options=options,
        message_id=message_id,
        message_timestamp=message.message_timestamp,
    )
