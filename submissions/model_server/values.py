"""What is asked of a model and what comes back: plain values, nothing of HTTP in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

#: `Request.think` that switches thinking off; anything else is a level (low, medium, high).
THINK_OFF = "off"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation; `role` is system, user or assistant, `images` are PNG or JPEG files."""

    role: str
    content: str
    images: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        # The client takes a str for a local file's path (reference §9): pupils' text could name one.
        if not all(isinstance(image, bytes) for image in self.images):
            raise TypeError("images are bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to one model.

    `num_ctx` and `num_predict` are tokens, `total_seconds` is the longest time from asking to the last byte, `format`
    a JSON schema that the answer has to satisfy. Raises ValueError for a `num_predict` below 1: Ollama reads 0 as
    "without end" and a negative one as ten contexts (reference §3).
    """

    model: str
    messages: tuple[Message, ...]
    num_ctx: int
    num_predict: int
    temperature: float
    total_seconds: float
    think: str = THINK_OFF
    format: Mapping[str, Any] | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.num_predict < 1:
            raise ValueError("num_predict is at least 1")
        if not self.messages:
            raise ValueError("a request without messages only loads the model")

    @property
    def has_images(self) -> bool:
        return any(message.images for message in self.messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model said, complete up to `done_reason`, and what it cost as the server measured it.

    `truncated`: a limit (num_predict or the context) ended the text, so JSON in it is cut. `prompt_tokens` include
    those that the server had cached; `load_seconds` include the wait for the model's turn (reference §1.2). A figure
    that the server left out is 0.
    """

    text: str
    thinking: str
    done_reason: str
    model: str
    prompt_tokens: int
    output_tokens: int
    load_seconds: float
    prompt_seconds: float
    generation_seconds: float
    total_seconds: float

    @property
    def truncated(self) -> bool:
        return self.done_reason == "length"

    @property
    def cost(self) -> dict[str, Any]:
        """What it cost, without what was said."""
        return {name: value for name, value in asdict(self).items() if name not in {"text", "thinking"}}


def together(costs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What several answers cost together, and how the last one ended; {} if there was none."""
    return {
        name: sum(cost[name] for cost in costs) if isinstance(last, int | float) else last
        for name, last in (costs[-1] if costs else {}).items()
    }
