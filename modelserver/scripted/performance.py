"""Giving one answer: token by token at its speed, cut where a limit ends it, with honest counts at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modelserver.replies import Metrics, Reply
from modelserver.scripted.runner import Runner
from modelserver.scripted.slots import Slot

#: An answer at full speed lets others have their turn after so many tokens.
BREATH = 100


@dataclass(frozen=True)
class Script:
    """What is to be said: thinking first, then the tokens; `limit` tokens at most; 0 tokens per second: at once."""

    tokens: Sequence[str]
    thinking: Sequence[str] = ()
    done_reason: str = "stop"
    tokens_per_second: float = 0.0
    limit: int | None = None


@dataclass(frozen=True)
class Stage:
    """Where an answer is given: what a fault can break besides the answer itself."""

    runner: Runner
    slot: Slot


class Performance:
    """The state of one answer. Faults drive it: `play` some tokens, then do something else than `finish`."""

    def __init__(self, reply: Reply, script: Script, prompt: Metrics, stage: Stage | None = None) -> None:
        self.reply = reply
        self.stage = stage
        self.sent = 0
        self._cut = False
        self._script = script
        self._prompt = prompt
        self._started = time.perf_counter()
        self._left = list(script.tokens)
        self._thinking = list(script.thinking)

    async def play(self, count: int | None = None) -> None:
        """Send the next `count` tokens, or all that are left within the limit; thinking goes before them."""
        if count == 0:
            return
        await self.think()
        count = len(self._left) if count is None else count
        now, self._left = self._left[:count], self._left[count:]
        await self.say(now)

    async def think(self) -> None:
        thoughts, self._thinking = self._thinking, []
        for thought in thoughts:
            if await self._may_send():
                await self.reply.piece(thinking=thought)

    async def say(self, tokens: Iterable[str]) -> None:
        for token in tokens:
            if not await self._may_send():
                return
            await self.reply.piece(token)

    async def half_a_chunk(self) -> None:
        """Leave the next token half on the wire (of a streamed answer that has begun)."""
        if self.reply.response.prepared:
            self.reply.start_of_chunk(self._left[0] if self._left else "…")

    async def finish(self, reason: str | None = None) -> None:
        """The final object; "length" when the limit cut the answer."""
        metrics = Metrics(
            load_seconds=self._prompt.load_seconds,
            prompt_tokens=self._prompt.prompt_tokens,
            prompt_seconds=self._prompt.prompt_seconds,
            tokens=self.sent,
            token_seconds=time.perf_counter() - self._started,
        )
        await self.reply.finish(reason or ("length" if self._cut else self._script.done_reason), metrics)

    async def _may_send(self) -> bool:
        """Wait for the next token's time; False when the limit is reached."""
        if self._script.limit is not None and self.sent >= self._script.limit:
            self._cut = True
            return False
        self.sent += 1
        if self.sent % BREATH == 0:
            await asyncio.sleep(0)
        if self._script.tokens_per_second:
            due = self._started + self.sent / self._script.tokens_per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        return True
