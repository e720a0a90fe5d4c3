"""While a queue is paused nobody claims its units, so nobody would notice that they wait too long: this does.

What counts is how long the stage has been waiting for its model, over restarts of workers, and the submission with it:
one that is old because of a backlog or a weekend is no reason to fail it.

Setting: WORKER_GIVE_UP_HOURS. Event: submission.failed, with the stage's error code and what is away as the reason.
Every process whose circuit is open asks; a submission is failed once.
"""

from __future__ import annotations

import threading
import time
from functools import partial

from submissions.background import quietly
from submissions.errors import Fault
from submissions.events import emit
from submissions.lifecycle import ErrorCode, Stage
from submissions.settings import Settings
from submissions.store.giving_up import give_up
from submissions.store.spare import SpareConnection

#: Seconds between two questions for one stage; less where the longest wait itself is short.
ASK_EVERY, SHARE_OF_WAIT = 60.0, 0.1

ERROR_CODES = {Stage.VISION: ErrorCode.VISION_FAILED, Stage.FEEDBACK: ErrorCode.FEEDBACK_FAILED}


class GivingUp:
    """One per process; thread-safe."""

    def __init__(self, settings: Settings, spare: SpareConnection) -> None:
        self._spare = spare
        self._max_wait = settings.worker_give_up_hours * 3600
        self._every = min(ASK_EVERY, self._max_wait * SHARE_OF_WAIT)
        self._lock = threading.Lock()
        self._asked = dict.fromkeys(Stage, -self._every)

    def give_up(self, stage: Stage, fault: Fault) -> None:
        """Fail what waited too long for this stage, if it is time to ask; a database that is away is asked later."""
        with self._lock:
            if time.monotonic() - self._asked[stage] < self._every:
                return
            self._asked[stage] = time.monotonic()
        quietly("giving-up", partial(self._fail, stage, fault))

    def _fail(self, stage: Stage, fault: Fault) -> None:
        for each in give_up(self._spare, stage, fault, self._max_wait):
            emit(
                "submission.failed",
                submission_id=each.submission_id,
                step=each.step,
                page=each.page,
                claim=each.claim,
                attempt=each.attempt,
                reason=fault.reason,
                error_code=ERROR_CODES[stage],
                seconds=round(each.age_seconds, 3),
            )
