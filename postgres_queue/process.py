"""The queue's part of a worker process, from boot to end: dispatcher and keeper with a connection each, and one stop.

Built when Dramatiq's worker boots, in its main thread. `boot` raises QueueUnready with one line when the queue cannot
be used as it is configured; the process must not go on then.
Events: queue.worker_started, queue.worker_stopped.
"""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass

import psycopg2
from dramatiq.broker import Broker

from postgres_queue.connection import Session, Target
from postgres_queue.dispatcher import Dispatcher
from postgres_queue.errors import QueueUnready
from postgres_queue.housekeeping import Housekeeping
from postgres_queue.keeper import Keeper
from postgres_queue.logs import describe, tell
from postgres_queue.presence import Presence
from postgres_queue.rescue import Rescue
from postgres_queue.stop import Stop

#: Time for the last endings when a worker stops in order (s).
LAST_WORDS = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """How a worker process uses the queue.

    `direct`: where sessions last; the same as `target` unless that is pooled. None: polling only, with beats.
    """

    target: Target
    direct: Target | None
    poll_seconds: float
    keep_rejected_days: int


class QueueProcess:
    """Dispatcher and keeper of this process."""

    def __init__(self, broker: Broker, options: Options, stop: Stop, *, threads: int, queues: list[str]) -> None:
        self._stop = stop
        self._threads = threads
        self._booted = False
        beats = options.direct is None
        self._keeper_session = Session(options.direct or options.target, "keeper")
        self._dispatcher_session = Session(options.target, "dispatcher")
        self._presence = Presence(self._keeper_session, threads=threads, queues=queues, beats=beats)
        self.dispatcher = Dispatcher(
            broker=broker,
            session=self._dispatcher_session,
            slots=threads,
            poll_seconds=options.poll_seconds,
            may_claim=lambda: self._booted and self._presence.is_shown and not stop.stopping,
        )
        self._keeper = Keeper(
            session=self._keeper_session,
            presence=self._presence,
            rescue=Rescue(self._keeper_session),
            housekeeping=Housekeeping(self._keeper_session, keep_rejected_days=options.keep_rejected_days),
            listens=not beats,
            on_ready=self.dispatcher.ring,
            on_delayed=self.dispatcher.ring_delayed,
            on_back=self.dispatcher.audit,
        )

    @property
    def threads(self) -> list[threading.Thread]:
        """Without either of them the process could not go on."""
        return [self.dispatcher.thread, self._keeper.thread]

    def boot(self) -> None:
        """Check the schema, become present, begin. Raises QueueUnready."""
        owner = self._register()
        self._stop.on_stop(self.dispatcher.wake_consumers)
        self._stop.watch(self.abandon)
        self.dispatcher.start(owner)
        self._keeper.start()
        tell(logging.INFO, "queue.worker_started", owner=owner, threads=self._threads)

    def open(self) -> None:
        """Begin to claim. Not before Dramatiq's master hears that the process has booted: if one died of its first
        message earlier, the master would wait for it for half a minute before it noticed."""
        self._booted = True
        self.dispatcher.ring()

    def abandon(self, seconds: float) -> list[str]:
        """At the deadline: put back whatever still runs; returns the ids. The process has to end right after it.

        What is put back may start elsewhere at once while the actor still runs here, so that comes last. Without
        presence these messages are safe for as long as others have patience with us, and then go back all the same.
        """
        running = [each.message_id for each in self.dispatcher.hand.running()]
        self._keeper.close(seconds / 4)
        self.dispatcher.close("stopped_while_running", seconds * 3 / 4)
        return running

    def finish(self) -> None:
        """Dramatiq's threads are through: write the last endings and leave. Raises SystemExit: see Stop."""
        written = self.dispatcher.close("not_started", LAST_WORDS)
        self._keeper.close(LAST_WORDS)
        tell(logging.INFO, "queue.worker_stopped", owner=self._presence.owner, all_written=written)
        self._stop.finished()

    def _register(self) -> int:
        for session in (self._keeper_session, self._dispatcher_session):
            _check(session)
        try:
            owner = self._presence.register()
            ((known,),) = self._dispatcher_session.run("is_registered", owner=owner, pid=os.getpid())
        except psycopg2.Error as error:
            raise QueueUnready(f"the queue's database refused to start ({describe(error)})") from None
        if not known:
            raise QueueUnready(
                f"{self._keeper_session.variable} leads to another database than {self._dispatcher_session.variable}"
            )
        return owner


def _check(session: Session) -> None:
    """Whether the database of a session is there, has our schema, and lets us use it. Raises QueueUnready if not."""
    name = session.variable
    try:
        session.run("check_schema")
    except psycopg2.OperationalError as error:
        # libpq's own words, on one line: a failed connection has no statement that it could quote.
        words = " ".join(str(error).split())
        raise QueueUnready(f"no connection to the queue's database: {words}; check {name}") from None
    except (psycopg2.errors.UndefinedTable, psycopg2.errors.InvalidSchemaName):
        raise QueueUnready(
            f"the queue's schema is missing in the database of {name}: run `python -m submissions migrate`"
        ) from None
    except (psycopg2.errors.UndefinedColumn, psycopg2.errors.UndefinedFunction):
        raise QueueUnready(
            "the queue's schema is older than this release: run `python -m submissions migrate`"
        ) from None
    except psycopg2.errors.InsufficientPrivilege:
        raise QueueUnready(f"the login of {name} may not use the queue: GRANT learning_worker TO it") from None
    except psycopg2.Error as error:
        raise QueueUnready(f"the queue's database refused to start ({describe(error)})") from None
