"""The development model server of this repository, with real models or (for tests of the demo) scripted answers.

The language model (1.1 GB) is fetched at the first run; later ones need no network. It is for trying out: a real Ollama
server reads handwriting and writes better feedback.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from scripts.demo.child import Child, Start
from scripts.demo.failure import DemoFailed
from scripts.demo.model_server import Models
from scripts.demo.workplace import Workplace

READY = "modelserver ready on "
READY_SECONDS, FETCH_SECONDS = 60.0, 3600.0

#: llama.cpp's threads wait for each other asleep instead of spinning. On two cores that others use too, writing was ten
#: times as fast so (measured: 60 tokens in 9 s instead of 98 s).
PATIENT = {"OMP_WAIT_POLICY": "passive"}


class Face(StrEnum):
    """What it answers with."""

    REAL = "real"
    SCRIPTED = "scripted"


_DESCRIPTIONS = {
    Face.REAL: "the development model server (dev-ocr reads, dev-writer writes): for trying out, not for pupils",
    Face.SCRIPTED: "the development model server with scripted answers",
}
#: What leads a worker to it, and to its models.
SETTINGS = {
    Face.REAL: {
        "AI_VISION_MODEL": "dev-ocr",
        "AI_FEEDBACK_MODEL": "dev-writer",
        # Context and temperature that dev-writer was measured with; more context would only take memory.
        "AI_FEEDBACK_NUM_CTX": "4096",
        "AI_FEEDBACK_NUM_PREDICT": "1536",
        "AI_FEEDBACK_TEMPERATURE": "0.7",
    },
    Face.SCRIPTED: {"AI_VISION_MODEL": "scripted-vision", "AI_FEEDBACK_MODEL": "scripted-text"},
}


def start_development_server(face: Face, place: Workplace, start: Start, tell: Callable[[str], object]) -> Models:
    """Start it and wait until it is ready; `tell` gets lines of progress. Raises DemoFailed."""
    if face is Face.REAL:
        fetch = start("download of the language model", [sys.executable, "-m", "modelserver", "fetch"], place.fetch_log)
        fetch.finish(FETCH_SECONDS, tell)
    command = [sys.executable, "-m", "modelserver", face, f"--log={place.model_calls}"]
    server = start("model server", command, place.model_server_log, {**PATIENT, **os.environ})
    return Models({"OLLAMA_BASE_URL": _address(server), **SETTINGS[face]}, _DESCRIPTIONS[face], server)


def _address(server: Child) -> str:
    for line in server.lines(READY_SECONDS):
        if line.startswith(READY):
            return line.removeprefix(READY).strip()
    server.require_alive()
    raise DemoFailed("the model server ended before it was ready; its last lines:", server.log)


def tokens_of(calls: Path) -> str:
    """What its answers cost in all, from the log of its calls; empty where that tells nothing."""
    if not calls.exists():
        return ""
    served = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
    written = [each for each in served if each.get("prompt_tokens_evaluated") and not each.get("images")]
    if not written:
        return ""
    names = ("prompt_tokens_evaluated", "prompt_tokens_cached", "tokens")
    evaluated, cached, said = (sum(each[name] for each in written) for name in names)
    return f"{evaluated} prompt tokens evaluated, {cached} cached, {said} written"
