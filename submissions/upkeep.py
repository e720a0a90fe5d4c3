"""The timer of a worker process that keeps house for all of them: reconcile, then prune; and for its host: old copies.

Every WORKER_UPKEEP_SECONDS, with jitter, each process looks whether it is time; whoever moves the row of
`dramatiq.chore` does the round, alone. Copies of documents are each host's own: every process removes old ones, also
when it starts. Event `upkeep.done` with what was found each time.
Caveat: a round that takes longer than the period may overlap the next one of another process, which is harmless.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import asdict

from submissions.background import quietly
from submissions.document_cache import DocumentCache
from submissions.events import emit
from submissions.notices import Notices
from submissions.prune import prune
from submissions.reconcile import reconcile
from submissions.settings import Settings
from submissions.storage import open_storage
from submissions.store.spare import SpareConnection

#: How far a process's next look strays from the period, so that they do not come together.
JITTER = 0.2


class Upkeep:
    """One per process, on its spare connection."""

    def __init__(self, settings: Settings, spare: SpareConnection, cache: DocumentCache) -> None:
        self._settings = settings
        self._spare = spare
        self._cache = cache
        self._notices = Notices()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin; the thread ends with the process."""
        threading.Thread(target=self._run, name="upkeep", daemon=True).start()

    def stop(self) -> None:
        """Begin no further round."""
        self._stopping.set()

    def look(self) -> None:
        """Do a round if it is time and nobody else does it. Raises StoreAway."""
        period = self._settings.worker_upkeep_seconds * (1 - JITTER)
        if self._spare.rows("elect", period=period):
            started = time.monotonic()
            found = reconcile(self._spare, self._settings)
            removed = prune(self._spare, self._settings, open_storage(self._settings), self._notices)
            emit("upkeep.done", **asdict(found), **asdict(removed), seconds=round(time.monotonic() - started, 3))

    def _run(self) -> None:
        quietly("upkeep", self._cache.sweep)
        while not self._stopping.wait(self._settings.worker_upkeep_seconds * random.uniform(1 - JITTER, 1 + JITTER)):  # noqa: S311 - no secret
            quietly("upkeep", self._cache.sweep)
            quietly("upkeep", self.look)
