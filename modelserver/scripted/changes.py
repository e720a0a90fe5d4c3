"""Waiting for a condition on the face's state without polling: every change wakes all who wait and look again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Changes:
    def __init__(self) -> None:
        self._next = asyncio.Event()

    def announce(self) -> None:
        """Something that a waiter may look at has changed."""
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """True as soon as `holds()`; False when it did not within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while not holds():
                    await self._next.wait()
        except TimeoutError:
            return holds()
        return True
