"""Asking once about a page: in one place, for the worker and for whoever measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from submissions.errors import AnswerFault
from submissions.model_server import Answer, Message, OnToken, Request
from submissions.settings import Settings
from submissions.vision.judging import Heard

#: What the model is told: the system's part of the prompt and the user's.
Said = tuple[str, str]


def page_request(settings: Settings, said: Said, image: bytes, temperature: float) -> Request:
    """The request about one page. `image` is PNG or JPEG."""
    system, user = said
    return Request(
        model=settings.vision_model,
        messages=(Message("system", system), Message("user", user, (image,))),
        num_ctx=settings.vision_num_ctx,
        num_predict=settings.vision_num_predict,
        temperature=temperature,
        total_seconds=settings.timeout_vision,
    )


def heard(ask: Callable[[Request, OnToken], Answer], request: Request) -> Heard:
    """Ask; an answer that ends badly was heard as far as it came. Raises all other faults."""
    pieces: list[str] = []
    started = time.monotonic()
    try:
        answer = ask(request, pieces.append)
    except AnswerFault as fault:
        return _broken_off(request.model, pieces, time.monotonic() - started, fault)
    return Heard(answer.text, answer)


def _broken_off(model: str, pieces: Sequence[str], seconds: float, fault: AnswerFault) -> Heard:
    """What is known without the server's last line, which has the counts; Ollama sends about a piece per token."""
    text = "".join(pieces)
    answer = Answer(
        text=text,
        thinking="",
        done_reason=fault.reason,
        model=model,
        prompt_tokens=0,
        output_tokens=len(pieces),
        load_seconds=0.0,
        prompt_seconds=0.0,
        generation_seconds=0.0,
        total_seconds=seconds,
    )
    return Heard(text, answer, fault)
