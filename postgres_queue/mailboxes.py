"""The queues that this process serves: a mailbox for the consumer of each, and which of them are paused."""

from __future__ import annotations

from queue import SimpleQueue

from postgres_queue.delivery import Delivery

#: None is a call to look up: the process stops.
Mailbox = SimpleQueue[Delivery | None]


class Mailboxes:
    """Safe for use by all threads: each call is one step on a dictionary or a set."""

    def __init__(self) -> None:
        self._boxes: dict[str, Mailbox] = {}
        self._paused: set[str] = set()

    def serve(self, queue_name: str) -> Mailbox:
        """The mailbox of a queue; from now on the queue is served."""
        return self._boxes.setdefault(queue_name, SimpleQueue())

    def leave(self, queue_name: str) -> None:
        """The queue is served no longer."""
        self._boxes.pop(queue_name, None)

    def pause(self, queue_name: str) -> None:
        self._paused.add(queue_name)

    def resume(self, queue_name: str) -> None:
        self._paused.discard(queue_name)

    def open_queues(self) -> list[str]:
        """The queues to claim from."""
        return [name for name in list(self._boxes) if name not in self._paused]

    def put(self, delivery: Delivery) -> bool:
        """Hand a delivery to its queue's consumer; False if there is none any more."""
        mailbox = self._boxes.get(delivery.queue_name)
        if mailbox is not None:
            mailbox.put(delivery)
        return mailbox is not None

    def call_all(self) -> None:
        """Wake every consumer that waits."""
        for mailbox in list(self._boxes.values()):
            mailbox.put(None)
