"""The parallel slots of one model: first come, first served, held from the reading of the prompt to the last token."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """A fair semaphore whose size may change while calls wait."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiters: deque[asyncio.Future[None]] = deque()
        self.running = 0
        self.max_running = 0

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    def resize(self, size: int) -> None:
        self._size = size
        self._wake()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a slot; a caller that is cancelled while it waits leaves the queue without having had one."""
        await self._acquire()
        try:
            yield
        finally:
            self.running -= 1
            self._wake()

    async def _acquire(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._wake()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            elif not waiter.cancelled():  # granted and cancelled in the same turn of the loop
                self.running -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiters and self.running < self._size:
            waiter = self._waiters.popleft()
            if not waiter.done():
                self.running += 1
                self.max_running = max(self.max_running, self.running)
                waiter.set_result(None)
