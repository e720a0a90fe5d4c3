"""Removes what is older than it should be kept: the history of attempts, and, if asked for, whole submissions.

Part of upkeep. Settings WORKER_KEEP_ATTEMPTS_DAYS, LEARNING_KEEP_SUBMISSIONS_DAYS (0: for ever). A submission's files
go before its rows, so that no file is left that nobody knows of; what was interrupted is done again in the next round.
The queue removes its own old rows (postgres_queue/housekeeping.py).
Caveat: a file whose key another submission has, too, stays until that one goes.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from submissions.errors import FileMissing
from submissions.reconcile import in_batches
from submissions.settings import Settings
from submissions.storage import Storage
from submissions.store.spare import SpareConnection

#: Submissions whose files are removed before their rows are.
BATCH = 50


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many attempts and submissions were removed."""

    attempts: int
    submissions: int


def prune(spare: SpareConnection, settings: Settings, storage: Storage) -> Pruned:
    """One round. Raises StoreAway, StorageAway."""
    return Pruned(
        attempts=in_batches(spare, "prune_attempts", days=settings.worker_keep_attempts_days),
        submissions=_forget(spare, storage, settings.keep_submissions_days) if settings.keep_submissions_days else 0,
    )


def _forget(spare: SpareConnection, storage: Storage, days: int) -> int:
    total, expired = 0, BATCH
    while expired == BATCH:
        rows = spare.rows("expire", days=days, limit=BATCH)
        for key in (key for _, keys in rows for key in keys):
            with contextlib.suppress(FileMissing):
                storage.delete(key)
        ((count,),) = spare.rows("forget", submissions=[submission_id for submission_id, _ in rows])
        total, expired = total + count, len(rows)
    return total
