"""Builds a worker process's workplace when it boots: one that has none would reject every message that rings.

Such a process exits instead, with one event: `worker.refused`, which says what to do, or `unexpected`.
"""

from __future__ import annotations

from dramatiq import Worker
from dramatiq.broker import Broker
from dramatiq.middleware import Middleware

from actors.doorbell import workplace
from broker import broker
from postgres_queue.hooks import QueueHooks
from submissions.errors import SettingsRefused
from submissions.events import emit, place_of

#: Exit codes: the setup is wrong, as the commands have it; something that nobody foresaw.
EXIT_SETUP, EXIT_UNEXPECTED = 5, 1


class BuildWorkplace(Middleware):
    """In worker processes alone."""

    def before_worker_boot(self, broker: Broker, worker: Worker) -> None:
        """Dramatiq would go on after any exception but SystemExit."""
        try:
            workplace()
        except SettingsRefused as problem:
            emit("worker.refused", problem=str(problem))
            raise SystemExit(EXIT_SETUP) from None
        except Exception as problem:  # noqa: BLE001
            emit("unexpected", where="boot", error=type(problem).__name__, place=place_of(problem))
            raise SystemExit(EXIT_UNEXPECTED) from None


def install() -> None:
    """Add it to the broker, before the queue: a process that exits here was never present there."""
    broker.add_middleware(BuildWorkplace(), before=QueueHooks)
