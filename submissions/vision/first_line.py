"""The line that a page is to begin with: it tells an answer that copies from one that refuses or talks.

The prompts ask for it. Who copies writes it; who refuses or talks mostly speaks at once. Not every model does as it is
asked, so that the line is missing is held only against a model that mostly writes it, which its answers tell.
"""

from __future__ import annotations

import re
import threading
from collections import deque

_WORD = r"(?:abschrift|copy)"
_PAGE = r"(?: ?:? ?(?:of |der )?(?:seite|page) \d+(?: (?:von|of) \d+)?)?"
_FIRST_LINE = re.compile(rf"[\s*_#>`\"-]*\\?\[ ?{_WORD}{_PAGE} ?:?\\?\][\s*_`:.\"]*", re.IGNORECASE)
_SAME_LINE = re.compile(rf"\A(?:\*\*|__|`)?\[{_WORD}\](?:\*\*|__|`)?:?[ \t]+(?=\S)", re.IGNORECASE)
_LAST_LINE = re.compile(rf"\s*\[/{_WORD}\]", re.IGNORECASE)

#: First answers about pages that are remembered of a model, and in how many the line has to be.
REMEMBERED, MOSTLY = 20, 16


class Habit:
    """Whether one model mostly writes the first line; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written: deque[bool] = deque(maxlen=REMEMBERED)

    @property
    def formed(self) -> bool:
        with self._lock:
            return sum(self._written) >= MOSTLY

    def learn(self, *, written: bool) -> None:
        with self._lock:
            self._written.append(written)


class Habits:
    """What is known of each model as it is asked by each prompt; one per process, thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._habits: dict[tuple[str, str], Habit] = {}

    def of(self, model: str, prompt_version: str) -> Habit:
        with self._lock:
            return self._habits.setdefault((model, prompt_version), Habit())


def asks_for_first_line(prompt: str) -> bool:
    """Whether a prompt names the line that is looked for."""
    return bool(re.search(rf"\[{_WORD}\]", prompt, re.IGNORECASE))


def is_first_line(line: str) -> bool:
    """Whether a line is nothing but that."""
    return bool(_FIRST_LINE.fullmatch(line))


def without_mark(text: str) -> str:
    """Without what the line becomes where a model goes on behind it."""
    return _SAME_LINE.sub("", text)


def without_closing_mark(text: str) -> str:
    """Without what some models add to the line: its end tag as the last one."""
    page, _, line = text.rpartition("\n")
    return page.rstrip() if _LAST_LINE.fullmatch(line) else text
