"""What breaks beyond the one answer: the model's process, a slot, the queue."""

from __future__ import annotations

import asyncio

from modelserver.errors import ApiError
from modelserver.scripted.faults.table import AFTER, fault
from modelserver.scripted.performance import Performance


@fault("crash", after=AFTER)
async def crash(performance: Performance, after: int = 0) -> None:
    """The model's process dies: this call and every other one admitted to it fail, then it is loaded anew."""
    await performance.play(after)
    if performance.stage:
        performance.stage.runner.crash()
    raise ApiError(500, "an error was encountered while running the model: unexpected EOF")


@fault("slot_leak")
async def slot_leak(performance: Performance) -> None:
    """A client that leaves in mid-stream never gives its slot back, until the model is unloaded."""
    try:
        await performance.play()
        await performance.finish()
    except (asyncio.CancelledError, ConnectionResetError):
        if performance.stage:
            performance.stage.slot.leaked = True
        raise


@fault("wedge", on_arrival=True)
async def wedge(performance: Performance) -> None:
    """Not a byte, and neither load nor slot: behind a model that is never unloaded. Until the client has gone."""
    await asyncio.Event().wait()
