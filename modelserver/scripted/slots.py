"""The parallel slots of one loaded model: first come, first served, held from the reading of the prompt to the end.

Each slot remembers the last prompt it read. Among free slots a call gets the one that shares most of its prompt's
beginning, if that is above a tenth, otherwise the one that was idle longest (llama-server's rule); the shared beginning
is not evaluated again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import takewhile

_WORTH_SHARING = 0.1


@dataclass(eq=False)
class Slot:
    """One slot: the prompt it holds, and how much of the current one was there already. `leaked`: never given back."""

    prompt: Sequence[str] = ()
    cached: int = 0
    leaked: bool = False

    def take(self, prompt: Sequence[str]) -> None:
        self.cached, self.prompt = shared(self.prompt, prompt), prompt


@dataclass(eq=False)
class _Waiter:
    prompt: Sequence[str]
    given: asyncio.Future[Slot]


class Slots:
    """A fair pool whose size may change while calls wait."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free: list[Slot] = [Slot() for _ in range(size)]
        self._waiters: deque[_Waiter] = deque()
        self.running = 0
        self.max_running = 0

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    def resize(self, size: int) -> None:
        self._free += [Slot() for _ in range(size - self._size)]
        self._size = size
        self._wake()

    @asynccontextmanager
    async def one(self, prompt: Sequence[str]) -> AsyncIterator[Slot]:
        """Hold a slot; a caller that is cancelled while it waits leaves the queue without having had one."""
        slot = await self._acquire(prompt)
        try:
            yield slot
        finally:
            if not slot.leaked:
                self._give_back(slot)

    async def _acquire(self, prompt: Sequence[str]) -> Slot:
        waiter = _Waiter(prompt, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        self._wake()
        try:
            return await waiter.given
        except asyncio.CancelledError:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            elif not waiter.given.cancelled():  # given and cancelled in the same turn of the loop
                self._give_back(waiter.given.result())
            raise

    def _give_back(self, slot: Slot) -> None:
        self.running -= 1
        self._free.append(slot)
        self._wake()

    def _wake(self) -> None:
        while self._waiters and self.running < self._size:
            waiter = self._waiters.popleft()
            if waiter.given.done():
                continue
            slot = max(self._free, key=lambda free: _likeness(free, waiter.prompt))
            self._free.remove(slot)
            slot.take(waiter.prompt)
            self.running += 1
            self.max_running = max(self.max_running, self.running)
            waiter.given.set_result(slot)


def shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many tokens two prompts have in common at their beginning; the last one is always evaluated."""
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    return min(common, max(len(new) - 1, 0))


def _likeness(slot: Slot, prompt: Sequence[str]) -> float:
    """Zero below the threshold, so that `max` falls back to the first in the list: idle longest."""
    share = shared(slot.prompt, prompt) / len(prompt) if prompt else 0.0
    return share if share > _WORTH_SHARING else 0.0
