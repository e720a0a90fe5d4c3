"""The line that a page is to begin with: it tells an answer that copies from one that refuses or talks.

The prompts ask for it. Who copies writes it; who refuses or talks speaks at once. Not every model does as it is asked,
so that the line is missing is held only against a model that mostly writes it, which its answers tell.
"""

from __future__ import annotations

import re
import threading
from collections import deque

#: What may stand before it: a fence, an announcement.
_FIRST_LINE = re.compile(
    r"\A(?:(?P<before>.{0,300}?)\n)??[ \t*_#>`]*\[(?:abschrift|copy)\][*_`:]*", re.DOTALL | re.IGNORECASE
)
_LINE = re.compile(r"\[(?:abschrift|copy)\]", re.IGNORECASE)
_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)

#: Answers of a model that are remembered, how many are needed, and of how many in ten the first line is expected.
REMEMBERED, FEWEST, MOSTLY = 20, 10, 8


class Habit:
    """Whether one model mostly writes the first line; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written: deque[bool] = deque(maxlen=REMEMBERED)

    @property
    def formed(self) -> bool:
        with self._lock:
            return len(self._written) >= FEWEST and 10 * sum(self._written) >= MOSTLY * len(self._written)

    def learn(self, *, written: bool) -> None:
        with self._lock:
            self._written.append(written)


class Habits:
    """What is known of each model; one per process, thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_model: dict[str, Habit] = {}

    def of(self, model: str) -> Habit:
        with self._lock:
            return self._by_model.setdefault(model, Habit())


def asks_for_first_line(prompt: str) -> bool:
    """Whether a prompt names the line that is looked for."""
    return bool(_LINE.search(prompt))


def behind_first_line(text: str) -> str | None:
    """What stands behind the first line; None if there is none. The beginning of a fence before it is kept."""
    found = _FIRST_LINE.match(text)
    if not found:
        return None
    fence = _FENCE.search(found["before"] or "")
    page = text[found.end() :].strip()
    return f"{fence.group()}\n{page}" if fence else page
