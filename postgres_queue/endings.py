"""Writes endings that are not plain successes: messages that are put back or rejected.

They are rare, so each kind has a statement of its own; successes travel with the next claim (`turn`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from postgres_queue.connection import Session
from postgres_queue.delivery import Delivery, Key, PutBack, Rejected
from postgres_queue.logs import tell


def write(session: Session, owner: int, ended: Sequence[Delivery]) -> set[Key]:
    """Put back and reject; other endings are left alone. Returns the keys of those that took effect.

    Raises psycopg2.Error; writing again is harmless.
    """
    put_back = _put_back(session, owner, [(each, each.ending) for each in ended if isinstance(each.ending, PutBack)])
    rejected = _reject(session, owner, [(each, each.ending) for each in ended if isinstance(each.ending, Rejected)])
    return put_back | rejected


def _put_back(session: Session, owner: int, ended: Sequence[tuple[Delivery, PutBack]]) -> set[Key]:
    if not ended:
        return set()
    rows = session.run(
        "put_back",
        owner=owner,
        ids=[each.message_id for each, _ in ended],
        deliveries=[each.number for each, _ in ended],
        afters=[ending.after for _, ending in ended],
        reasons=[ending.reason for _, ending in ended],
    )
    written = {(message_id, number) for message_id, number in rows}
    for each, ending in ended:
        if each.key in written:
            tell(logging.INFO, "queue.put_back", **_about(each), reason=ending.reason, after_seconds=ending.after)
    return written


def _reject(session: Session, owner: int, ended: Sequence[tuple[Delivery, Rejected]]) -> set[Key]:
    if not ended:
        return set()
    rows = session.run(
        "reject",
        owner=owner,
        ids=[each.message_id for each, _ in ended],
        deliveries=[each.number for each, _ in ended],
        reasons=[ending.reason for _, ending in ended],
    )
    written = {(message_id, number) for message_id, number in rows}
    for each, ending in ended:
        if each.key in written:
            tell(logging.ERROR, "queue.rejected", **_about(each), reason=repr(ending.reason))
    return written


def latest(done: Sequence[Delivery]) -> dict[str, Delivery]:
    """By message, without deliveries that were lost before and came to this process again: only the last one counts."""
    return {each.message_id: each for each in sorted(done, key=lambda each: each.number)}


def superseded(ended: Sequence[Delivery]) -> None:
    """Tell about endings that had no effect, because the message had gone to somebody else meanwhile."""
    for each in ended:
        tell(logging.WARNING, "queue.superseded", **_about(each))


def _about(delivery: Delivery) -> dict[str, object]:
    return {"message_id": delivery.message_id, "delivery": delivery.number}
