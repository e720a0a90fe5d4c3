"""Ends runs whose claim was lost: the submission was withdrawn or discarded, or somebody else has the unit.

Nothing is told to a worker when that happens; while it runs something, it asks once per `LOOK_EVERY` about all its
claims in one statement. Polling was chosen over NOTIFY: it works behind a pooling PgBouncer and after a lost
connection, it needs no second truth, and it also frees the model server of runs that were given up elsewhere.
A database that is away is asked again at the next look.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from submissions.background import quietly
from submissions.errors import Fault, Withdrawn
from submissions.store.spare import SpareConnection
from submissions.store.work import Claim

#: Seconds between two looks: a withdrawal ends a model call within two.
LOOK_EVERY = 1.0

#: Ends what a run waits for, with a fault.
Cancel = Callable[[Fault], None]


class ClaimWatch:
    """One per process, built after the fork; its thread ends with the process."""

    def __init__(self, spare: SpareConnection) -> None:
        self._spare = spare
        self._lock = threading.Lock()
        self._watched: dict[Claim, Cancel] = {}
        self._busy = threading.Event()
        threading.Thread(target=self._run, name="claim-watch", daemon=True).start()

    @contextlib.contextmanager
    def over(self, claim: Claim, cancel: Cancel) -> Iterator[None]:
        """Call `cancel` when the claim is lost before the block ends."""
        with self._lock:
            self._watched[claim] = cancel
            self._busy.set()
        try:
            yield
        finally:
            with self._lock:
                del self._watched[claim]
                if not self._watched:
                    self._busy.clear()

    def _run(self) -> None:
        while True:
            self._busy.wait()
            time.sleep(LOOK_EVERY)
            quietly("claim-watch", self._look)

    def _look(self) -> None:
        with self._lock:
            claims = list(self._watched)
        if not claims:
            return
        lost = self._spare.rows(
            "lost_claims",
            submissions=[str(claim.unit.submission_id) for claim in claims],
            steps=[claim.unit.step for claim in claims],
            pages=[claim.unit.page for claim in claims],
            claims=[claim.number for claim in claims],
        )
        for (place,) in lost:
            with self._lock:
                cancel = self._watched.get(claims[place - 1])
            if cancel:
                cancel(Withdrawn())
