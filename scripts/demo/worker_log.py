"""What the worker's events tell about the samples: which steps run now, and how long the finished ones took.

The events are those of docs/events.md. Whether a submission has ended, the database alone says.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from scripts.demo.failure import DemoFailed
from scripts.demo.tail import Tail

_STARTED, _DONE, _SETUP = "attempt.started", "attempt.done", "setup.wrong"
_ENDED = frozenset(
    {_DONE, "attempt.retry", "attempt.snooze", "attempt.superseded", "attempt.cancelled", "submission.failed"}
)


class WorkerLog:
    """Built anew from the log's lines as they come. Submissions go by their id as text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tail = Tail(path)
        self._running: dict[str, list[str]] = defaultdict(list)
        self._seconds: dict[str, dict[str, float]] = defaultdict(dict)

    def look(self) -> None:
        """Take in what was added. Raises DemoFailed for a setup that nobody will mend while the demo waits."""
        for line in self._tail.lines():
            if line.startswith("{"):
                self._take(json.loads(line))

    def running(self, submission_id: str) -> list[str]:
        """The steps (open, read, feedback) of a submission that run at this moment."""
        return self._running[submission_id]

    def seconds(self, submission_id: str) -> dict[str, float]:
        """How long each step of a submission took that has a result; all pages together."""
        return self._seconds[submission_id]

    def _take(self, event: dict[str, Any]) -> None:
        name = event.get("event")
        if name == _SETUP:
            raise DemoFailed(f"the worker waits for its setup to be mended: {event['problem']}", self.path)
        if name == _STARTED:
            self._running[event["submission_id"]].append(event["step"])
        elif name in _ENDED and event["step"] in self._running[event["submission_id"]]:
            self._running[event["submission_id"]].remove(event["step"])
        if name == _DONE:
            taken = self._seconds[event["submission_id"]]
            taken[event["step"]] = taken.get(event["step"], 0.0) + event["seconds"]
