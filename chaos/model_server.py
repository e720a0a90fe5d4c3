"""The scripted model server as a process: with faults by lot, gone for a while, or loading a model for long.

Its request log is a file that goes on over restarts; what it knows of earlier faults does not (plan.FAULTS_AFTER).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

from chaos.plan import FAULTS_AFTER, FAULTS_BEFORE, SHARE_OF_FAULTS, Plan
from chaos.root import ROOT

READY = "modelserver ready on "
VISION, TEXT = "scripted-vision", "scripted-text"
LOG = "model-server.jsonl"
#: A model's answer takes a second or so: long enough that something is always under way.
CONFIG = {"num_parallel": 4, "tokens_per_second": 100}
#: Texts and pages by which a call shows whose it is: a typed text's mark, a read page's name.
SAME = r"Kennung \d+|Text of page [0-9a-f]{8}"

#: Every kind of fault that the scripted server knows, dealt in this order. Those that cost much time come once.
FAULTS: tuple[str | dict[str, object], ...] = (
    "busy",
    {"name": "status", "status": 500, "error": "CUDA error: unspecified launch failure"},
    "llama_error",
    "error_mid_stream",
    "no_done",
    "empty_object",
    "cut",
    "repeat",
    "reset",
    {"name": "reset", "after": 3, "mid_chunk": True},
    "close",
    {"name": "close", "after": 3},
    {"name": "stall", "seconds": 1},
    {"name": "stall", "after": 2},
    "malformed_line",
    "crash",
    {"name": "crash", "after": 2},
    "slot_leak",
    "wedge",
    {"name": "repeat", "ending": "error"},
    {"name": "repeat", "text": "und ", "ending": "never"},
    {"name": "status", "status": 502, "error": "Bad Gateway"},
)

KINDS = {str(each["name"]) if isinstance(each, dict) else each for each in FAULTS}


def rules(seed: int, poison: list[str], at_most: int) -> list[dict[str, object]]:
    """Poisoned texts are never answered; of the other calls a share fails."""
    lot = {"share": SHARE_OF_FAULTS, "seed": seed, "same": SAME, "at_most": at_most}
    silent: list[dict[str, object]] = [{"match": {"contains": mark}, "action": {"fault": "stall"}} for mark in poison]
    return [*silent, {"match": {"drawn": lot}, "action": {"faults": list(FAULTS)}}]


class ModelServer:
    """One at a time, always at the same port."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder, self._plan = folder, plan
        self._poison = [each.mark for each in plan.submissions if each.poison == "feedback"]
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Where it was before. Returns when it answers."""
        again = self._port != 0
        script = self._folder / "model-server.json"
        chosen = rules(self._plan.seed + again, self._poison, FAULTS_AFTER if again else FAULTS_BEFORE)
        script.write_text(json.dumps({"config": CONFIG, "rules": chosen}), encoding="utf-8")
        files = [f"--script={script}", f"--log={self._folder / LOG}"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "modelserver", "scripted", f"--port={self._port}", *files],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=(self._folder / "model-server.log").open("a"),
            text=True,
        )
        assert self._process.stdout is not None
        first_line = self._process.stdout.readline().strip()
        if not first_line.startswith(READY):
            raise RuntimeError(f"the scripted model server did not start; see {self._folder}/model-server.log")
        self._port = int(first_line.rpartition(":")[2])

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()

    def reload(self, model: str, seconds: float) -> None:
        """Unload a model and let its next load take so long. Returns when it is loaded, or nobody wants it."""
        self._ask("PUT", "/_control/config", {"load_seconds": seconds})
        self._ask("POST", "/api/generate", {"model": model, "keep_alive": 0, "stream": False})
        deadline = time.monotonic() + 3 * seconds
        while time.monotonic() < deadline and not self._loaded(model):
            time.sleep(0.2)
        self._ask("PUT", "/_control/config", {"load_seconds": 0})

    def _loaded(self, model: str) -> bool:
        models = self._ask("GET", "/api/ps")["models"]
        return any(each["name"].partition(":")[0] == model for each in models)

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, list[dict[str, str]]]:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - our own process
            told: dict[str, list[dict[str, str]]] = json.load(answer)
        return told
