"""Follows all submissions at once until each has ended, as `python -m submissions watch` follows one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any
from uuid import UUID

from scripts.demo.failure import DemoFailed
from scripts.demo.worker_log import WorkerLog
from submissions.errors import StoreAway
from submissions.lifecycle import FINAL, Status
from submissions.store.follow import follow

#: Seconds between two looks at the worker's log and at what could end the demo.
LOOK = 0.2
#: Longest wait for the last events, in seconds: only timings hang on them.
CATCH_UP = 2.0

Row = Mapping[str, Any]

_WORDS = {"open": "opening", "read": "reading", "feedback": "writing feedback"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a submission is: model calls done and in all (None until its pages are counted), and in words."""

    done: int
    total: int | None
    words: str
    has_ended: bool = False


class Watch:
    """The submissions by id, each followed in a thread of its own: `follow` keeps its connection to itself."""

    def __init__(self, url: str, student: str, submission_ids: list[UUID], log: WorkerLog) -> None:
        self.rows: dict[UUID, Row] = {}
        self._log = log
        self._ids = submission_ids
        self._news: SimpleQueue[tuple[UUID, Row] | StoreAway] = SimpleQueue()
        for each in submission_ids:
            threading.Thread(target=self._follow, args=(url, each, student), daemon=True).start()

    def until_ended(self, seconds: float, check: Callable[[], None], show: Callable[[UUID, Standing], None]) -> None:
        """Wait until all have ended, and `show` where they are. Raises what `check` raises, and DemoFailed."""
        deadline = time.monotonic() + seconds
        while not all(each in self.rows and self._has_ended(each) for each in self._ids):
            self._take_news()
            self._log.look()
            for each in self.rows:
                show(each, self.standing(each))
            check()
            if time.monotonic() > deadline:
                message = f"not all submissions ended within {seconds / 60:.0f} minutes; the worker's last lines:"
                raise DemoFailed(message, self._log.path)
        self._let_the_log_catch_up()

    def standing(self, submission_id: UUID) -> Standing:
        """Where a submission is, from its row and the worker's events."""
        row = self.rows[submission_id]
        pages, read, status = row["page_count"], row["pages_read"], row["analysis_status"]
        done = read + (status == Status.COMPLETED)
        total = 1 if row["kind"] == "text" else None if pages is None else pages + 1
        if status in FINAL:
            return Standing(done, total, status, has_ended=True)
        steps = self._log.running(str(submission_id))
        word = _WORDS[steps[-1]] if steps else "waiting"
        return Standing(done, total, f"{word}, {read} of {pages} pages read" if pages else word)

    def _has_ended(self, submission_id: UUID) -> bool:
        return self.rows[submission_id]["analysis_status"] in FINAL

    def _let_the_log_catch_up(self) -> None:
        """An event is written after what it tells is committed."""
        deadline = time.monotonic() + CATCH_UP
        while any(self._log.running(str(each)) for each in self._ids) and time.monotonic() < deadline:
            time.sleep(LOOK)
            self._log.look()

    def _take_news(self) -> None:
        try:
            news = self._news.get(timeout=LOOK)
        except Empty:
            return
        if isinstance(news, StoreAway):
            raise DemoFailed(str(news))
        self.rows[news[0]] = news[1]

    def _follow(self, url: str, submission_id: UUID, student: str) -> None:
        try:
            for row in follow(url, submission_id, student):
                self._news.put((submission_id, row))
        except StoreAway as problem:
            self._news.put(problem)
