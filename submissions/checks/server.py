"""The model server: does it answer, has it both models, can they do what they are for, and do they answer?"""

from __future__ import annotations

import time
from collections.abc import Iterator

from submissions.breaker.probe import WHITE
from submissions.checks.finding import Finding, fine, met, wrong
from submissions.errors import AnswerFault, Fault
from submissions.model_server import Message, ModelServer, Request
from submissions.settings import Settings

#: Longest wait for a tiny answer, in seconds: the model may have to be loaded first.
ANSWER_SECONDS = 120.0

#: What Ollama calls what a model has to be able to do; a server that is too old to tell is believed.
NEEDED = {"vision": {"completion", "vision"}, "feedback": {"completion"}}


def check_server(settings: Settings) -> Iterator[Finding]:
    """Reachable, and both models there."""
    try:
        server = ModelServer(settings)
        yield fine("model_server", f"Ollama {server.version()} answers")
    except Fault as fault:
        yield met("model_server", fault)
        return
    for stage, request in requests(settings).items():
        yield _model(server, stage, request.model)


def check_answers(settings: Settings) -> Iterator[Finding]:
    """One tiny answer of each model: asked as the worker asks, so it is loaded as the worker needs it."""
    server = ModelServer(settings)
    for stage, request in requests(settings).items():
        started = time.monotonic()
        try:
            server.ask(request)
        except AnswerFault:
            pass  # it said something
        except Fault as fault:
            yield met(f"answer.{stage}", fault)
            continue
        yield fine(f"answer.{stage}", f"{request.model} answered within {time.monotonic() - started:.1f} s")


def requests(settings: Settings) -> dict[str, Request]:
    """A question for one token to the model of each stage, with the load options of its work."""
    return {
        "vision": Request(
            model=settings.vision_model,
            messages=(Message("user", "Hallo!", (WHITE,)),),
            num_ctx=settings.vision_num_ctx,
            num_predict=1,
            temperature=settings.vision_temperature,
            total_seconds=min(ANSWER_SECONDS, settings.timeout_vision),
        ),
        "feedback": Request(
            model=settings.feedback_model,
            messages=(Message("user", "Hallo!"),),
            num_ctx=settings.feedback_num_ctx,
            num_predict=1,
            temperature=settings.feedback_temperature,
            total_seconds=min(ANSWER_SECONDS, settings.timeout_feedback),
            think=settings.think_level,
        ),
    }


def _model(server: ModelServer, stage: str, model: str) -> Finding:
    name = f"model.{stage}"
    try:
        able = server.capabilities(model)
    except Fault as fault:
        return met(name, fault)
    lacking = sorted(NEEDED[stage] - able) if able else []
    if lacking:
        return wrong(
            name, f"{model} cannot do {' and '.join(lacking)}", f"name another model in AI_{stage.upper()}_MODEL"
        )
    return fine(name, f"{model} is installed")
