"""What Dramatiq asks for messages: one consumer per queue, fed by the process's one dispatcher.

Dramatiq runs each in a thread of its own and restarts it after three seconds when it raises, so nothing here does.
"""

from __future__ import annotations

from collections.abc import Iterable
from queue import Empty

from dramatiq.broker import Consumer, MessageProxy

from postgres_queue.delivery import Delivery, PutBack, Rejected
from postgres_queue.dispatcher import Dispatcher


class QueueConsumer(Consumer):
    """Hands on the deliveries of one queue, and takes their endings."""

    def __init__(self, dispatcher: Dispatcher, queue_name: str, timeout_ms: int) -> None:
        self._dispatcher = dispatcher
        self._queue_name = queue_name
        self._timeout = timeout_ms / 1000
        self._mailbox = dispatcher.serve(queue_name)

    def __next__(self) -> Delivery | None:
        """The next delivery; None after a while without one, so that Dramatiq can look whether it shall stop."""
        try:
            return self._mailbox.get(timeout=self._timeout)
        except Empty:
            return None

    def ack(self, message: MessageProxy) -> None:
        """The thread is through with it. How it ended, the delivery knows; Dramatiq acknowledges skipped ones too."""
        if isinstance(message, Delivery):
            self._dispatcher.end(message, message.ending)

    def nack(self, message: MessageProxy) -> None:
        """The same for a delivery that failed."""
        if isinstance(message, Delivery):
            known = isinstance(message.ending, Rejected | PutBack)
            self._dispatcher.end(message, message.ending if known else Rejected("failed_by_middleware"))

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Back to the queue, not started."""
        for message in messages:
            if isinstance(message, Delivery):
                self._dispatcher.end(message, PutBack("not_started"))

    def close(self) -> None:
        self._dispatcher.leave(self._queue_name)
