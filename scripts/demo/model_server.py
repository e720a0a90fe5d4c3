"""Which model server the demo uses: the Ollama server of OLLAMA_BASE_URL if it has the models, else our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.demo import environment
from scripts.demo.child import Child
from scripts.demo.failure import DemoFailed
from submissions.errors import Fault, SettingsRefused
from submissions.model_server import ModelServer
from submissions.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Models:
    """The settings that lead the worker to a model server, a line about it, and its process if it is ours."""

    settings: Mapping[str, str]
    description: str
    server: Child | None = None


def given(outside: Mapping[str, str]) -> Models | None:
    """The server of OLLAMA_BASE_URL; None if it is not set. Raises DemoFailed if it cannot be used, and why."""
    chosen = environment.model_settings(outside)
    if not chosen.get("OLLAMA_BASE_URL", "").strip():
        return None
    try:
        settings = load(chosen)
        problems = _problems(ModelServer(settings), settings)
    except (Fault, SettingsRefused) as problem:
        raise DemoFailed(str(problem)) from None
    if problems:
        raise DemoFailed("; ".join(problems))
    where = f"that of OLLAMA_BASE_URL ({settings.vision_model} reads, {settings.feedback_model} writes)"
    return Models(chosen, where)


def _problems(server: ModelServer, settings: Settings) -> list[str]:
    """What is wrong with each model, with the command that mends it. Raises Fault if the server does not answer."""
    server.version()
    problems = []
    for model in dict.fromkeys((settings.vision_model, settings.feedback_model)):
        try:
            server.capabilities(model)
        except Fault as problem:
            problems.append(str(problem))
    return problems
