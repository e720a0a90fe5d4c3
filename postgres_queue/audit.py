"""Compares what this process holds with what the queue says, after every new connection and now and then.

A claim may be committed although its reply was lost: such a row is ours and nobody runs it, so it is put back. A
delivery may be somebody else's by now, when we were away for too long: it runs to its end without effect.
Events: queue.reconnected, queue.audited.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from postgres_queue.connection import Session
from postgres_queue.delivery import Key
from postgres_queue.hand import Hand
from postgres_queue.logs import describe, tell


class Audit:
    """The dispatcher's book-keeping over breaks of its connection."""

    def __init__(self) -> None:
        self._wanted = True
        self._broken_since = 0.0
        self._lost: set[Key] = set()

    def want(self) -> None:
        """Compare with the next turn."""
        self._wanted = True

    def broken(self, error: Exception) -> None:
        """The connection broke; tells so once, however often it fails to come back."""
        self._wanted = True
        if not self._broken_since:
            self._broken_since = time.monotonic()
            tell(logging.WARNING, "queue.disconnected", connection="dispatcher", error=describe(error))

    def compare(self, session: Session, owner: int, hand: Hand) -> None:
        """Do it if it is wanted. Raises psycopg2.Error."""
        if session.is_open and not self._wanted:
            return
        self._wanted = False
        ours = claimed(session, owner)
        held = {each.key for each in hand.held()}
        strays = sorted(ours - held)
        back = _put_back(session, owner, strays) if strays else 0
        lost, self._lost = held - ours - self._lost, held - ours
        self._tell(still_ours=len(ours & held), lost=len(lost), put_back=back)

    def _tell(self, *, still_ours: int, lost: int, put_back: int) -> None:
        found = {"still_ours": still_ours, "lost": lost, "put_back": put_back}
        if self._broken_since:
            away = round(time.monotonic() - self._broken_since, 3)
            self._broken_since = 0.0
            tell(logging.WARNING, "queue.reconnected", seconds=away, **found)
        elif lost or put_back:
            tell(logging.WARNING, "queue.audited", **found)


def claimed(session: Session, owner: int) -> set[Key]:
    """What the queue says that this process holds. Raises psycopg2.Error."""
    return {(message_id, number) for message_id, number in session.run("held", owner=owner)}


def _put_back(session: Session, owner: int, strays: Sequence[Key]) -> int:
    rows = session.run(
        "put_back",
        owner=owner,
        ids=[message_id for message_id, _ in strays],
        deliveries=[number for _, number in strays],
        afters=[0.0] * len(strays),
        reasons=["reply_lost"] * len(strays),
    )
    return len(rows)
