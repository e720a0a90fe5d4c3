"""Every way in which an answer can go wrong, as a table of small functions: name → parameters → what happens.

A rule's action names a fault, alone (`"reset"`) or with parameters (`{"name": "reset", "after": 3}`). `after` counts
the tokens that are sent first; 0 is "before the first byte". A new fault is one decorated function; its keyword
arguments are its parameters and their defaults.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from modelserver.errors import ApiError, from_llama_server, server_busy
from modelserver.scripted import fields
from modelserver.scripted.fields import Field, InvalidField
from modelserver.scripted.performance import Performance

FaultFunction = Callable[..., Awaitable[None]]

AFTER = fields.whole(0)
TEXT = fields.text()
STATUS = Field(lambda value: isinstance(value, int) and 400 <= value <= 599, "a status from 400 to 599")


@dataclass(frozen=True)
class Fault:
    """A row of the table. `on_arrival`: it strikes before the call waits for a slot."""

    name: str
    inject: FaultFunction
    parameters: Mapping[str, Field] = field(default_factory=dict)
    on_arrival: bool = False


FAULTS: dict[str, Fault] = {}


def fault(name: str, *, on_arrival: bool = False, **parameters: Field) -> Callable[[FaultFunction], FaultFunction]:
    """Enter a function into the table under `name`."""

    def enter(inject: FaultFunction) -> FaultFunction:
        takes = set(inspect.signature(inject).parameters) - {"performance"}
        assert takes == set(parameters), f"{name}: parameters and table differ"
        FAULTS[name] = Fault(name, inject, parameters, on_arrival)
        return inject

    return enter


@dataclass(frozen=True)
class ChosenFault:
    """A fault with the parameters that a rule gives it."""

    fault: Fault
    parameters: Mapping[str, object]

    async def strike(self, performance: Performance) -> None:
        await self.fault.inject(performance, **self.parameters)


def chosen(data: object, where: str) -> ChosenFault:
    """The fault that a rule names. Raises InvalidField."""
    given = {"name": data} if isinstance(data, str) else data
    if not isinstance(given, dict) or given.get("name") not in FAULTS:
        raise InvalidField(f"{where}: must name one of {', '.join(sorted(FAULTS))}")
    row = FAULTS[given["name"]]
    parameters = {name: value for name, value in given.items() if name != "name"}
    return ChosenFault(row, fields.checked(parameters, row.parameters, where))


@fault("busy", on_arrival=True)
async def busy(performance: Performance) -> None:
    """503, as at a full queue of pending loads."""
    raise server_busy()


@fault("status", status=STATUS, error=TEXT)
async def status(performance: Performance, status: int = 500, error: str = "scripted failure") -> None:
    """Any status with any error text, before the first chunk."""
    raise ApiError(status, error)


@fault("llama_error", status=STATUS, message=TEXT, type=TEXT)
async def llama_error(
    performance: Performance,
    status: int = 400,
    message: str = "Failed to load image or audio file",
    type: str = "invalid_request_error",
) -> None:
    """An error of llama-server: its JSON body as a string inside `error`."""
    raise from_llama_server(status, message, type)


@fault("error_mid_stream", after=AFTER, status=STATUS, error=TEXT)
async def error_mid_stream(
    performance: Performance,
    after: int = 3,
    status: int = 500,
    error: str = "an error was encountered while running the model: unexpected EOF",
) -> None:
    """A line `{"error": …}` after some chunks; without streaming a real status."""
    await performance.play(after)
    await performance.reply.fail(status, error)


@fault("no_done", after=AFTER)
async def no_done(performance: Performance, after: int | None = None) -> None:
    """A clean end without a final event: no `done` line; without streaming 200 and `"done": false`."""
    await performance.play(after)
    await performance.reply.end_without_done()


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


@fault("cut", after=AFTER)
async def cut(performance: Performance, after: int = 5) -> None:
    """num_predict or the context is reached: 200, cut text (or JSON), `done_reason` "length"."""
    await performance.play(after)
    await performance.finish("length")


@fault("repeat", text=TEXT, count=fields.whole(1), ending=fields.one_of("done_false", "error", "length", "never"))
async def repeat(performance: Performance, text: str = ".", count: int = 31, ending: str = "done_false") -> None:
    """A loop of one token. Ollama to v0.33 aborts at 31 without `done`; later at 100 with a 500 ("error")."""
    if ending == "never":
        await performance.say(itertools.repeat(text))
        ending = "length"
    else:
        await performance.say([text] * count)
    if ending == "error":
        await performance.reply.fail(500, "prediction aborted, token repeat limit reached")
    elif ending == "length":
        await performance.finish("length")
    else:
        await performance.reply.end_without_done()


@fault("malformed_line", after=AFTER)
async def malformed_line(performance: Performance, after: int = 3) -> None:
    """A line that is no JSON; without streaming a body that is none."""
    await performance.play(after)
    await performance.reply.end_with(b'{"model":"broken","message":{"role":\n')


@fault("empty_object")
async def empty_object(performance: Performance) -> None:
    """Nothing was generated before the failure: an all-empty object dated year 1, status 200."""
    body = {"model": "", "created_at": "0001-01-01T00:00:00Z", "message": {"role": "", "content": ""}}
    await performance.reply.end_with(json.dumps({**body, "done": False}).encode() + b"\n")


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
    except asyncio.CancelledError:
        if performance.stage:
            performance.stage.slot.leaked = True
        raise
