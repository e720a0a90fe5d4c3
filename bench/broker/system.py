"""What a file of systems/ has to offer: a module that fulfils this protocol, imported in its own environment only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bench.broker.assignment import Shape


class System(Protocol):
    """One queue, set up as its own documentation says."""

    #: Distributions whose versions belong to the result.
    PACKAGES: tuple[str, ...]
    #: A statement that enqueues jobs of %(kind)s with keys %(first)s to %(last)s, rows as its producer writes them.
    FILL: str
    #: One job in the caller's transaction, with a row of public.domain; None where the system has no such thing.
    send_in_transaction: Callable[[str, int], None] | None
    #: Many jobs in one call; None where the system has no such thing.
    send_batch: Callable[[str, Sequence[int]], None] | None

    def prepare(self) -> None:
        """Make the schema."""

    def send(self, kind: str, key: int) -> None:
        """Enqueue one job, durable when this returns."""

    def work(self, shape: Shape) -> None:
        """Be the workers. Does not return."""
