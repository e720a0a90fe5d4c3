"""Finds owners that died, and gives their messages back to the queue. Any worker process does it for all others.

Every tick of the keeper. An absent owner becomes a suspect; it is dead when it stayed absent for `LOCK_PATIENCE` s (or
its beat stood still for `BEAT_PATIENCE` s) while our own connection never broke: after a restart of Postgres every lock
is free, and the living need a moment to come back.
Events: queue.rescued.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from postgres_queue.connection import Session
from postgres_queue.logs import tell
from postgres_queue.presence import BEAT_PATIENCE, LOCK_PATIENCE


@dataclass(frozen=True, slots=True)
class Suspect:
    """An owner that is absent: its last beat (None: it should hold a lock), and since when we see it so (s)."""

    beat: str | None
    since: float

    def is_dead(self, now: float) -> bool:
        return now - self.since >= (LOCK_PATIENCE if self.beat is None else BEAT_PATIENCE)


class Rescue:
    """Watches over the other owners, on the keeper's session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._suspects: dict[int, Suspect] = {}

    @property
    def has_suspects(self) -> bool:
        """Whether somebody should look again soon."""
        return any(suspect.beat is None for suspect in self._suspects.values())

    def forget(self) -> None:
        """Our own connection broke: what we saw before counts no more."""
        self._suspects.clear()

    def look(self, owner: int) -> None:
        """See who is absent, rescue what the dead held. Raises psycopg2.Error."""
        absent = {int(who): beat for who, beat in self._session.run("absent", owner=owner)}
        now = time.monotonic()
        self._suspects = {who: self._suspect(who, beat, now) for who, beat in absent.items()}
        for who, suspect in list(self._suspects.items()):
            if suspect.is_dead(now):
                self._rescue(who, suspect)

    def _suspect(self, who: int, beat: str | None, now: float) -> Suspect:
        known = self._suspects.get(who)
        return known if known is not None and known.beat == beat else Suspect(beat, now)

    def _rescue(self, who: int, suspect: Suspect) -> None:
        ((dead, messages),) = self._session.run("rescue", dead=who, beat=suspect.beat)
        if dead:
            del self._suspects[who]
            tell(logging.WARNING, "queue.rescued", owner=who, messages=messages)
