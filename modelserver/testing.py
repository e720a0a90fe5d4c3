"""For tests: a scripted model server as a real process, with its control routes as methods.

    with ScriptedServer(tokens_per_second=50) as server:
        server.rules([{"match": {"has_images": True, "nth": 1}, "action": {"fault": "reset"}}])
        server.hold()                       # calls now wait right before their first byte
        … start something that calls server.url …
        server.wait(received=2)             # returns at once when two calls have come in; no sleeping
        server.release(1)                   # the first of them is answered
        server.release()                    # the gate is open
        calls = server.requests()           # what was asked, when, and how it ended

Starting takes about half a second: share one server among tests and call `reset()` before each. Start it in a thread
that lives as long as it should: the kernel ends it when the thread that started it ends. Rules are described
in `modelserver/scripted/rules.py`, faults in `faults/`, configuration in `config.py`, records in `records.py`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import httpx

_ROOT = Path(__file__).parent.parent
_READY = "modelserver ready on "
_STOP_SECONDS = 5.0


class ScriptedServer:
    """A running `python -m modelserver scripted`. Keyword arguments are configuration (see `config`)."""

    def __init__(self, *, log: Path | None = None, script: Path | None = None, **config: object) -> None:
        self._arguments = [f"--log={log}"] * bool(log) + [f"--script={script}"] * bool(script)
        self._first_config = config
        self.url = ""
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, port: int = 0) -> None:
        """Start the process and wait until it is ready. Give a port to come back where another server was."""
        command = [sys.executable, "-m", "modelserver", "scripted", f"--port={port}", "--die-with-parent"]
        self.process = subprocess.Popen([*command, *self._arguments], cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        first_line = self.process.stdout.readline()
        if not first_line.startswith(_READY):
            raise RuntimeError(f"the scripted model server did not start (exit code {self.process.wait()})")
        self.url = first_line.removeprefix(_READY).strip()
        self._control = httpx.Client(base_url=f"{self.url}/_control", trust_env=False, timeout=70)
        if self._first_config:
            self.config(**self._first_config)

    def stop(self) -> int:
        """End the process with SIGTERM (at the next `start` it remembers nothing); returns its exit code."""
        if self.process is None or self.process.stdout is None:
            return 0
        self.process.terminate()
        code = self.process.wait(_STOP_SECONDS)
        self.process.stdout.close()
        self._control.close()
        self.process = None
        return code

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 0

    def rules(self, rules: Sequence[dict[str, Any]]) -> None:
        """Replace all rules. An invalid field raises RuntimeError with the server's one-line refusal."""
        self._ask("PUT", "/rules", list(rules))

    def add_rules(self, *rules: dict[str, Any]) -> None:
        """Append rules; the first that matches a call decides."""
        self._ask("POST", "/rules", list(rules))

    def config(self, **changes: object) -> dict[str, Any]:
        """Change fields of the configuration, or none; returns it as it is now."""
        return self._ask("PUT", "/config", changes)

    def requests(self, **where: object) -> list[dict[str, Any]]:
        """Records of all calls since the last reset, oldest first; with `field=value` only those that have it."""
        records: list[dict[str, Any]] = self._ask("GET", "/requests")["requests"]
        return [record for record in records if all(record[name] == value for name, value in where.items())]

    def forget_requests(self) -> None:
        self._ask("DELETE", "/requests")

    def reset(self) -> None:
        """As freshly started: default configuration, no rules, gate open, no records."""
        self._ask("POST", "/reset")
        if self._first_config:
            self.config(**self._first_config)

    def state(self) -> dict[str, Any]:
        """Counts in all and per model: in_flight, max_in_flight, running, max_running, waiting; and held."""
        return self._ask("GET", "/state")

    def hold(self, *models: str) -> None:
        """Hold calls before their first byte: those of the named models, or all."""
        self._ask("POST", "/hold", {"models": list(models)} if models else {})

    def release(self, count: int | None = None) -> None:
        """Let so many held (or coming) calls pass; without a count open the gate."""
        self._ask("POST", "/release", {} if count is None else {"count": count})

    def wait(self, timeout: float = 10.0, **counts: int) -> dict[str, Any]:
        """Wait until `received`, `ended`, `in_flight` and `held` have reached the given counts.

        Returns all counts; raises TimeoutError with them when they were not reached within `timeout` seconds.
        """
        answer = self._control.get("/wait", params={**counts, "timeout": timeout})
        if answer.status_code == httpx.codes.REQUEST_TIMEOUT:
            raise TimeoutError(f"waited {timeout} s for {counts}, but there were {answer.json()}")
        return _body(answer)

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        return _body(self._control.request(method, path, json=body))


def _body(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    if answer.is_error:
        raise RuntimeError(body["error"])
    return body
