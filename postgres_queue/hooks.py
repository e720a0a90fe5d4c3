"""Where Dramatiq's worker calls the queue: boot, the start of each message, the end.

Dramatiq swallows exceptions of hooks, so nothing that must happen depends on one: a boot that fails leaves the process,
and a message's ending is decided by its delivery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dramatiq import Worker
from dramatiq.broker import Broker, MessageProxy
from dramatiq.middleware import Middleware, SkipMessage

from postgres_queue.delivery import Delivery, PutBack

if TYPE_CHECKING:
    from postgres_queue.broker import PostgresQueueBroker


class QueueHooks(Middleware):
    """The broker's own middleware; the first of all, so that others find the queue running."""

    def __init__(self, broker: PostgresQueueBroker) -> None:
        self._broker = broker

    def before_worker_boot(self, broker: Broker, worker: Worker) -> None:
        self._broker.boot_worker(worker)

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        """The last hook of the boot, since these run backwards."""
        self._broker.open_worker()

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """A message that was handed out but not started when the stop came goes back."""
        if self._broker.stopping and isinstance(message, Delivery):
            message.ending = PutBack("not_started")
            raise SkipMessage

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        self._broker.request_stop("worker_shutdown")

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        self._broker.finish_worker()
