"""The prompt that a model gets to see, and what happens when it does not fit (Ollama's truncation rules).

Images stand before their message's text. Unless `truncate: false`, messages are dropped from the front until the rest
fits (never system messages or the last one). What is still too long is a hard 400 with an image or `truncate: false`;
otherwise its middle is silently cut out, down to about half the window, unless `shift: false` makes that a 400 as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from modelserver import tokens
from modelserver.calls import Message, ModelCall
from modelserver.errors import ApiError, context_exceeded
from modelserver.scripted.answers import image_hash

_KEPT_AT_THE_HEAD = 5


@dataclass(frozen=True)
class Prompt:
    """Tokens to evaluate, and how many are reported (a rule may claim another number)."""

    tokens: Sequence[str]
    count: int


def prompt_of(call: ModelCall, context_length: int, image_tokens: int, claimed: int | None) -> Prompt:
    """The prompt of a call in a context of so many tokens. Raises ApiError 400 when it may not be cut."""
    cuttable = call.flags.get("truncate") is not False
    parts = [_tokens_of(message, image_tokens) for message in call.messages]
    if cuttable and claimed is None:
        parts = _without_the_oldest(call.messages, parts, context_length)
    flat = [token for part in parts for token in part]
    count = len(flat) if claimed is None else claimed
    if count < context_length:
        return Prompt(flat, count)
    if call.images or not cuttable:
        raise context_exceeded(count, context_length)
    if call.flags.get("shift") is False:
        raise ApiError(
            400,
            "the prompt is longer than the context length currently available to the model;"
            " shorten the prompt, or increase the context length",
        )
    left = context_length - (context_length - _KEPT_AT_THE_HEAD) // 2
    return Prompt(flat[:_KEPT_AT_THE_HEAD] + flat[_KEPT_AT_THE_HEAD - left :], left)


def answer_limit(call: ModelCall, prompt: Prompt, context_length: int) -> int | None:
    """The most tokens the answer can have; None when neither num_predict nor the context ends it."""
    room = context_length - prompt.count if call.images or call.flags.get("shift") is False else None
    limits = [limit for limit in (call.num_predict, room) if limit is not None]
    return min(limits, default=None)


def _tokens_of(message: Message, image_tokens: int) -> list[str]:
    images = [[image_hash(image)] * image_tokens for image in message.images]
    return [*chain.from_iterable(images), *tokens.split(message.content)]


def _without_the_oldest(
    messages: Sequence[Message], parts: Sequence[list[str]], context_length: int
) -> list[list[str]]:
    """Drop the oldest messages while all are too long together; system messages and the last one stay."""
    kept = list(zip(messages, parts, strict=True))
    droppable = [item for item in kept[:-1] if item[0].role != "system"]
    while droppable and sum(len(part) for _, part in kept) >= context_length:
        kept.remove(droppable.pop(0))
    return [part for _, part in kept]
