"""What this process holds: a delivery for each busy thread, and endings that are not yet written.

Slots are counted by the real worker threads: a slot is taken when a message is claimed for it and free again when the
thread has handed over the delivery's ending. Safe for use by all threads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from postgres_queue.delivery import Delivery, Ending, Key


class Hand:
    """Deliveries of this process, from the claim until their ending is in the database."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._lock = threading.Lock()
        self._held: dict[Key, Delivery] = {}
        self._busy = 0

    def free(self) -> int:
        """Threads that wait for a message."""
        with self._lock:
            return self._slots - self._busy

    def take(self, delivery: Delivery) -> None:
        """A message was claimed for a free thread."""
        with self._lock:
            self._held[delivery.key] = delivery
            self._busy += 1

    def end(self, delivery: Delivery, ending: Ending) -> bool:
        """The thread is through with it; False when it had ended before. The first ending counts."""
        with self._lock:
            if delivery.ended:
                return False
            delivery.ended, delivery.ending = True, ending
            self._busy -= 1
            return True

    def settled(self, deliveries: Iterable[Delivery]) -> None:
        """Their endings are written."""
        with self._lock:
            for delivery in deliveries:
                self._held.pop(delivery.key, None)

    def held(self) -> list[Delivery]:
        """Everything whose ending is not written yet."""
        with self._lock:
            return list(self._held.values())

    def running(self) -> list[Delivery]:
        """Everything that some thread is not through with."""
        return [each for each in self.held() if not each.ended]
