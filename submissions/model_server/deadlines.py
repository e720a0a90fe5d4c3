"""How long one exchange may take: to connect, to begin its answer, between two bytes, and in total.

Settings: OLLAMA_CONNECT_SECONDS, OLLAMA_FIRST_BYTE_SECONDS, OLLAMA_BETWEEN_BYTES_SECONDS; the total comes with the
request. httpx knows one limit for all reads and none for the whole, so the socket's own waits are bounded here instead.

Silence before the first byte does not count against the submission, whichever limit ends it: waiting in Ollama's queue
and loading a model are silent (reference §1.3), nobody can tell them from a hang, and the submission's age bounds it.
Silence, or a trickle, after the first byte counts: then the model was working on this very request. One exception: with
thinking and a format Ollama asks the model twice, and after the thoughts the request queues again (reference §4).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from submissions.errors import Fault
from submissions.model_server.faults import FIRST_BYTE_TIMEOUT, STALLED, TOTAL_TIMEOUT
from submissions.settings import Settings


@dataclass(slots=True)
class Deadlines:
    """Limits in seconds; `ends_at` is a reading of time.monotonic().

    `began` turns true with the first byte; while `queues_again`, silence within the answer is a wait in the queue, too.
    """

    connect: float
    first_byte: float
    between_bytes: float
    ends_at: float
    began: bool = False
    queues_again: bool = False

    @classmethod
    def of(cls, settings: Settings, ends_at: float) -> Deadlines:
        return cls(
            connect=settings.connect_seconds,
            first_byte=settings.first_byte_seconds,
            between_bytes=settings.between_bytes_seconds,
            ends_at=ends_at,
        )

    def to_connect(self) -> float:
        return min(self.connect, self._left())

    def to_send(self) -> float:
        return min(self.between_bytes, self._left())

    def to_receive(self) -> float:
        return min(self.first_byte if self._queued else self.between_bytes, self._left())

    def silence(self) -> Fault:
        """What it means that a wait of ours ended without a byte."""
        if self.began and time.monotonic() >= self.ends_at:
            return TOTAL_TIMEOUT()
        return FIRST_BYTE_TIMEOUT() if self._queued else STALLED()

    @property
    def _queued(self) -> bool:
        return not self.began or self.queues_again

    def _left(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise self.silence()
        return left
