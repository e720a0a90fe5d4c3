"""Real workers for tests: `dramatiq actors` as the Procfile starts it, with signals and JSON events to wait for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

import psutil

from tests.waiting import until

ROOT = Path(__file__).parents[2]

#: The commands of the Procfile find the python and the dramatiq of this virtual environment.
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def procfile(line: str) -> str:
    """The command of one Procfile line."""
    for each in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        name, _, command = each.partition(": ")
        if name == line:
            return command
    raise KeyError(line)


def surroundings(database_url: str, model_server_url: str, folder: Path) -> dict[str, str]:
    """What a worker needs to know; waits are short."""
    return {
        "DATABASE_URL": database_url,
        "OLLAMA_BASE_URL": model_server_url,
        "AI_VISION_MODEL": "scripted-vision",
        "AI_FEEDBACK_MODEL": "scripted-text",
        "STORAGE_URL": f"file:{folder}/storage",
        "WORKER_CACHE_DIR": f"{folder}/cache",
        "WORKER_BACKOFF_SECONDS": "0.1",
        "WORKER_SNOOZE_SECONDS": "0.2",
    }


class Worker:
    """A worker under the Procfile's own command line; its standard error is kept for questions."""

    def __init__(self, environment: dict[str, str], command: str | None = None) -> None:
        self._environment = {"PATH": PATH, "HOME": os.environ.get("HOME", "/"), **environment}
        self._command = command or procfile("worker")
        self.output: list[str] = []

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            ["sh", "-c", self._command],
            cwd=ROOT,
            env=self._environment,
            stderr=subprocess.STDOUT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.output.extend(self.process.stdout)

    def stop(self, timeout: float = 30) -> int:
        """SIGTERM to the whole group, as a platform does it; returns the exit code."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        code = self.process.wait(timeout)
        self._reader.join(timeout)
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def wait_for(self, text: str, times: int = 1, timeout: float = 30) -> None:
        """Until a text was written so often."""
        until(lambda: sum(text in line for line in self.output) >= times, f"{text!r} in the output", timeout)

    def killable(self) -> int:
        """A worker process: those come before the other children of the master."""
        return self.pids()[0]

    def pids(self) -> list[int]:
        """The worker processes that the master started."""
        return sorted(child.pid for child in psutil.Process(self.process.pid).children())
