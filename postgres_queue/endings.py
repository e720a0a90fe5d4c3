"""Writes endings that are not plain successes: messages that are put back or rejected.

They are rare, so each kind has a statement of its own; successes travel with the next claim (`turn`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from postgres_queue.connection import Session
from postgres_queue.delivery import Delivery, PutBack, Rejected
from postgres_queue.logs import tell


def write(session: Session, owner: int, ended: Sequence[Delivery]) -> None:
    """Put back and reject; other endings are left alone. Raises psycopg2.Error; writing again is harmless."""
    _put_back(session, owner, [(each, each.ending) for each in ended if isinstance(each.ending, PutBack)])
    _reject(session, owner, [(each, each.ending) for each in ended if isinstance(each.ending, Rejected)])


def _put_back(session: Session, owner: int, ended: Sequence[tuple[Delivery, PutBack]]) -> None:
    if not ended:
        return
    rows = session.run(
        "put_back",
        owner=owner,
        ids=[each.message_id for each, _ in ended],
        deliveries=[each.number for each, _ in ended],
        afters=[ending.after for _, ending in ended],
        reasons=[ending.reason for _, ending in ended],
    )
    for each, ending in ended:
        tell(logging.INFO, "queue.put_back", **_about(each), reason=ending.reason, after_seconds=ending.after)
    superseded([each for each, _ in ended], rows)


def _reject(session: Session, owner: int, ended: Sequence[tuple[Delivery, Rejected]]) -> None:
    if not ended:
        return
    rows = session.run(
        "reject",
        owner=owner,
        ids=[each.message_id for each, _ in ended],
        deliveries=[each.number for each, _ in ended],
        reasons=[ending.reason for _, ending in ended],
    )
    for each, ending in ended:
        tell(logging.ERROR, "queue.rejected", **_about(each), reason=repr(ending.reason))
    superseded([each for each, _ in ended], rows)


def superseded(ended: Sequence[Delivery], written: Sequence[tuple[str, ...]]) -> None:
    """Tell about endings that had no effect, because the message had gone to somebody else meanwhile."""
    took_effect = {row[0] for row in written}
    for each in ended:
        if each.message_id not in took_effect:
            tell(logging.WARNING, "queue.superseded", **_about(each))


def _about(delivery: Delivery) -> dict[str, object]:
    return {"message_id": delivery.message_id, "delivery": delivery.number}
