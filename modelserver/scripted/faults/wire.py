"""What happens to the connection: cut off, closed, silent, or with nonsense on it."""

from __future__ import annotations

import asyncio

from modelserver.scripted import fields
from modelserver.scripted.faults.table import AFTER, fault
from modelserver.scripted.performance import Performance


@fault("reset", after=AFTER, mid_chunk=fields.flag())
async def reset(performance: Performance, after: int = 0, mid_chunk: bool = False) -> None:
    """TCP reset, before the first byte or after some chunks; `mid_chunk` sends half a chunk first."""
    await performance.play(after)
    if mid_chunk:
        await performance.half_a_chunk()
    await performance.reply.reset()


@fault("close", after=AFTER, mid_chunk=fields.flag())
async def close(performance: Performance, after: int = 0, mid_chunk: bool = False) -> None:
    """Like `reset`, but the connection is closed in order (FIN), as when the server process ends."""
    await performance.play(after)
    if mid_chunk:
        await performance.half_a_chunk()
    await performance.reply.hang_up()


@fault("stall", after=AFTER, seconds=fields.seconds())
async def stall(performance: Performance, after: int = 0, seconds: float | None = None) -> None:
    """No bytes, before the first one or between tokens: for some seconds, or until the client has gone."""
    await performance.play(after)
    if seconds is None:
        await asyncio.Event().wait()
    await asyncio.sleep(seconds or 0)
    await performance.play()
    await performance.finish()


@fault("malformed_line", after=AFTER)
async def malformed_line(performance: Performance, after: int = 3) -> None:
    """A line that is no JSON; without streaming a body that is none."""
    await performance.play(after)
    await performance.reply.end_with(b'{"model":"broken","message":{"role":\n')
