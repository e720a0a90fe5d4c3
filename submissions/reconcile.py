"""Brings back what was lost on the way: a lost message is a delay, not a loss.

A unit that waits without a message is rung for; one that is said to run though its message is gone is set free; a
submission under way that has no unit is routed. Part of upkeep, so one worker does it for all; safe beside the others,
because each case is looked at again under the lock that workers change a unit under. Doing it twice changes nothing.
Caveat: where somebody deletes messages of runs that go on, those are given up only after the longest time that a run
can take; the queue's own rescue, not this, notices dead workers.
"""

from __future__ import annotations

from dataclasses import dataclass

from submissions.settings import Settings
from submissions.store.spare import SpareConnection

#: Cases mended by one statement: short transactions, whatever has piled up.
BATCH = 200

#: Questions of one run at most: two about a page; about a text two as well, or two about each of its sections.
ABOUT_A_PAGE, ABOUT_A_TEXT = 2, 20

#: A run takes this much longer than its answers at most, in seconds: opening and rendering have limits of their own.
BESIDE_THE_CALL = 600.0


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many units were rung for again and set free, and how many submissions were routed."""

    rung: int
    freed: int
    routed: int


def reconcile(spare: SpareConnection, settings: Settings) -> Reconciled:
    """One round. Raises StoreAway."""
    asking = max(ABOUT_A_PAGE * settings.timeout_vision, ABOUT_A_TEXT * settings.timeout_feedback)
    longest = asking + BESIDE_THE_CALL
    return Reconciled(
        freed=in_batches(spare, "free_abandoned", longest=longest),
        routed=in_batches(spare, "route_forgotten"),
        rung=in_batches(spare, "ring_again"),
    )


def in_batches(spare: SpareConnection, statement: str, **values: float) -> int:
    """Run a statement that does at most `limit` and returns how many it did, until nothing is left; their sum."""
    total, count = 0, BATCH
    while count == BATCH:
        ((count,),) = spare.rows(statement, limit=BATCH, **values)
        total += count
    return total
