"""The thread of a worker process that hears the bell, keeps up the presence, watches over others, keeps house.

It owns one connection of its own session (presence lock, LISTEN), or, with `beats`, an ordinary pooled one that neither
listens nor locks. It looks once per `TICK`, four times as often while somebody is suspected dead.
Events: queue.disconnected, queue.presence_back.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from collections.abc import Callable

import psycopg2

from postgres_queue.connection import Session
from postgres_queue.housekeeping import Housekeeping
from postgres_queue.logs import describe, tell
from postgres_queue.presence import Presence
from postgres_queue.rescue import Rescue

#: Between two looks at the others (s), and while one of them is suspected dead.
TICK, TICK_SUSPECTS = 1.0, 0.25

#: Between two attempts to come back (s): well below the patience of others with us.
RECONNECT = 0.25


class Keeper:
    """Runs until `close`. `on_ready`, `on_delayed`: the bells; `on_back`: the presence was interrupted."""

    def __init__(
        self,
        *,
        session: Session,
        presence: Presence,
        rescue: Rescue,
        housekeeping: Housekeeping,
        listens: bool,
        on_ready: Callable[[], None],
        on_delayed: Callable[[], None],
        on_back: Callable[[], None],
    ) -> None:
        self._session = session
        self._presence = presence
        self._rescue = rescue
        self._housekeeping = housekeeping
        self._listens = listens
        self._on_ready, self._on_delayed, self._on_back = on_ready, on_delayed, on_back
        self._closing = threading.Event()
        self._alarm, self._alarm_bell = socket.socketpair()
        self._settled = False
        self._broken_since = 0.0
        self.thread = threading.Thread(target=self._run, name="queue-keeper", daemon=True)

    def start(self) -> None:
        """Begin; the presence is registered already, on the same session."""
        self.thread.start()

    def close(self, timeout: float) -> None:
        """End the presence and the thread."""
        self._closing.set()
        self._alarm_bell.close()  # makes the other end readable
        self.thread.join(timeout)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                if not self._settled:
                    self._settle()
                self._look()
                self._hear(self._patience())
            except psycopg2.Error as error:
                self._lost(error)
                self._closing.wait(RECONNECT)
        self._leave()

    def _look(self) -> None:
        self._presence.show()
        self._rescue.look(self._presence.owner)
        self._housekeeping.look()

    def _patience(self) -> float:
        if self._housekeeping.has_more:
            return 0.0
        return TICK_SUSPECTS if self._rescue.has_suspects else TICK

    def _hear(self, patience: float) -> None:
        """Pass on every bell until the next look is due, or the call to close; what rang already, in any case."""
        if not self._listens:
            self._closing.wait(patience)
            return
        deadline, left = time.monotonic() + patience, patience
        while left >= 0 and not self._closing.is_set():
            self._pass_on_bells(left)
            left = deadline - time.monotonic()

    def _pass_on_bells(self, patience: float) -> None:
        connection = self._session.connection()
        if not connection.notifies:
            select.select([connection.fileno(), self._alarm.fileno()], [], [], patience)
            connection.poll()
        channels = {notify.channel for notify in connection.notifies}
        connection.notifies.clear()
        if "dramatiq.ready" in channels:
            self._on_ready()
        if "dramatiq.delayed" in channels:
            self._on_delayed()

    def _settle(self) -> None:
        """On a new connection: presence first, then the bells, then whatever rang meanwhile."""
        self._presence.show()
        if self._listens:
            self._session.run("listen")
        self._settled = True
        if self._broken_since:
            tell(logging.WARNING, "queue.presence_back", seconds=round(time.monotonic() - self._broken_since, 3))
            self._broken_since = 0.0
        self._on_delayed()
        self._on_back()

    def _lost(self, error: psycopg2.Error) -> None:
        self._session.close()
        self._settled = False
        self._presence.lost()
        self._rescue.forget()
        if not self._broken_since:
            self._broken_since = time.monotonic()
            tell(logging.WARNING, "queue.disconnected", connection="keeper", error=describe(error))

    def _leave(self) -> None:
        try:
            self._presence.leave()
        except psycopg2.Error:
            tell(logging.INFO, "queue.left_silently")
        self._session.close()
