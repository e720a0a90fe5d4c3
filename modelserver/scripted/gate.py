"""A gate right before the first byte: a test closes it, sees calls arrive, and lets them go when it is ready."""

from __future__ import annotations

import asyncio
from collections import deque

from modelserver.scripted.changes import Changes


class Gate:
    """Open unless `hold` closed it. `release(n)` lets n calls pass, those already held first, in their order."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._closed = False
        self._models: frozenset[str] = frozenset()
        self._passes = 0
        self._held: deque[asyncio.Future[None]] = deque()

    @property
    def held(self) -> int:
        return len(self._held)

    def hold(self, models: frozenset[str] = frozenset()) -> None:
        """Hold the calls of these models from now on; of all models when none is named."""
        self._closed, self._models, self._passes = True, models, 0

    def release(self, count: int | None = None) -> None:
        """Let `count` calls pass and keep the gate closed; without a count open it and let all go."""
        if count is None:
            self._closed = False
        else:
            self._passes += count
        while self._held and (count is None or self._passes):
            waiter = self._held.popleft()
            if not waiter.done():  # its client may have left a moment ago
                self._passes -= count is not None
                waiter.set_result(None)
        self._changes.announce()

    async def pass_through(self, model: str) -> None:
        if not self._closed or (self._models and model not in self._models):
            return
        if self._passes:
            self._passes -= 1
            return
        waiter = asyncio.get_running_loop().create_future()
        self._held.append(waiter)
        self._changes.announce()
        try:
            await waiter
        finally:
            if waiter in self._held:
                self._held.remove(waiter)
            self._changes.announce()
