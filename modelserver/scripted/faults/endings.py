"""Answers that end early, empty, cut off, or never."""

from __future__ import annotations

import itertools
import json

from modelserver.scripted import fields
from modelserver.scripted.faults.table import AFTER, TEXT, fault
from modelserver.scripted.performance import Performance


@fault("no_done", after=AFTER)
async def no_done(performance: Performance, after: int | None = None) -> None:
    """A clean end without a final event: no `done` line; without streaming 200 and `"done": false`."""
    await performance.play(after)
    await performance.reply.end_without_done()


@fault("empty_object")
async def empty_object(performance: Performance) -> None:
    """Nothing was generated before the failure: an all-empty object dated year 1, status 200."""
    body = {"model": "", "created_at": "0001-01-01T00:00:00Z", "message": {"role": "", "content": ""}}
    await performance.reply.end_with(json.dumps({**body, "done": False}).encode() + b"\n")


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
