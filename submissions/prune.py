"""Removes what is older than it should be kept: the history of attempts, and, if asked for, whole submissions.

Part of upkeep. Settings WORKER_KEEP_ATTEMPTS_DAYS, LEARNING_KEEP_SUBMISSIONS_DAYS (0: for ever). A submission's files
go before its rows, so that no file is left that nobody knows of; what was interrupted is done again in the next round.
Whose files cannot be removed stays, alone, and is tried again after all others; event `setup.wrong`, if the operator
has to mend something. The queue removes its own old rows (postgres_queue/housekeeping.py).
Caveat: a file whose key another submission has, too, stays until that one goes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from submissions.errors import FileMissing, StorageAway, StorageUnfit
from submissions.notices import Notices
from submissions.reconcile import in_batches
from submissions.settings import Settings
from submissions.storage import Storage
from submissions.store.spare import SpareConnection

#: Submissions whose files are removed before their rows are. If none of so many can be, that is the storage's doing,
#: and the round ends: the next one begins behind them.
BATCH = 10


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many attempts and submissions were removed; `kept`: submissions whose files the storage did not let go."""

    attempts: int
    submissions: int
    kept: int = 0


def prune(spare: SpareConnection, settings: Settings, storage: Storage, notices: Notices | None = None) -> Pruned:
    """One round. `notices` remember what the operator was told. Raises StoreAway."""
    attempts = in_batches(spare, "prune_attempts", days=settings.worker_keep_attempts_days)
    if not settings.keep_submissions_days:
        return Pruned(attempts, 0)
    return Pruned(attempts, *_forget(spare, storage, settings.keep_submissions_days, notices or Notices()))


def _forget(spare: SpareConnection, storage: Storage, days: int, notices: Notices) -> tuple[int, int]:
    """How many submissions were removed, and how many stay."""
    removed = 0
    stuck: set[str] = set()
    while True:
        expired = spare.rows("expire", days=days, limit=BATCH)
        fresh = {submission_id: keys for submission_id, keys in expired if submission_id not in stuck}
        emptied = [each for each, keys in fresh.items() if _let_go(storage, keys, notices)]
        stuck |= fresh.keys() - set(emptied)
        if not emptied:
            return removed, len(stuck)
        ((count,),) = spare.rows("forget", submissions=emptied)
        removed += count


def _let_go(storage: Storage, keys: Sequence[str], notices: Notices) -> bool:
    """Remove a submission's files; False if the storage does not let one of them go."""
    try:
        for key in keys:
            with contextlib.suppress(FileMissing):
                storage.delete(key)
    except StorageUnfit as fault:
        notices.tell("storage", fault)
        return False
    except StorageAway:
        return False
    return True
