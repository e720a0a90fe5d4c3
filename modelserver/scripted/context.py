"""What happens when a prompt or an answer does not fit into the context (Ollama's truncation rules).

With an image, or with `truncate: false`, a prompt that is too long is a hard 400. Otherwise Ollama silently cuts the
middle out, down to about half the window, unless `shift: false` forbids it; then it is another 400.
"""

from __future__ import annotations

from modelserver.calls import ModelCall
from modelserver.errors import ApiError, context_exceeded

_KEPT_AT_THE_HEAD = 5


def evaluated_prompt(call: ModelCall, prompt_tokens: int, context_length: int) -> int:
    """Tokens of the prompt that the model gets to see. Raises ApiError 400 when it may not be cut."""
    if prompt_tokens < context_length:
        return prompt_tokens
    if call.images or call.flags.get("truncate") is False:
        raise context_exceeded(prompt_tokens, context_length)
    if call.flags.get("shift") is False:
        raise ApiError(
            400,
            "the prompt is longer than the context length currently available to the model;"
            " shorten the prompt, or increase the context length",
        )
    return context_length - (context_length - _KEPT_AT_THE_HEAD) // 2


def answer_limit(call: ModelCall, prompt_tokens: int, context_length: int) -> int | None:
    """The most tokens the answer can have; None when neither num_predict nor the context ends it."""
    room = context_length - prompt_tokens if call.images or call.flags.get("shift") is False else None
    limits = [limit for limit in (call.num_predict, room) if limit is not None]
    return min(limits, default=None)
