"""Ollama's scheduler in small: which models are in memory, one load at a time, and who has to leave for it.

A call for a model that is loaded as it wants it joins at once. Any other goes into one queue of bounded length (503
beyond it), first in, first out: the head waits for room, which may mean waiting until a victim is idle, and everybody
behind it waits as well. A client that leaves while *its* call loads aborts the load; the next one starts it from zero.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from modelserver.calls import ModelCall
from modelserver.errors import server_busy
from modelserver.models import LoadedModel, ModelCard
from modelserver.scripted.config import Config
from modelserver.scripted.runner import LoadOptions, Runner, slot_count
from modelserver.scripted.slots import Slots


@dataclass(eq=False)
class _Pending:
    call: ModelCall
    card: ModelCard
    wanted: LoadOptions
    granted: asyncio.Future[Runner]


class Scheduler:
    """Runners by model name, and the queue of calls that need a load. `loads` counts loads begun, per model."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config
        self._runners: dict[str, Runner] = {}
        self._pending: deque[_Pending] = deque()
        self._loader: asyncio.Task[None] | None = None
        self.loads: Counter[str] = Counter()

    @property
    def pending(self) -> int:
        """Calls that wait behind the one that is being loaded."""
        return len(self._pending)

    def loaded(self) -> list[LoadedModel]:
        return [runner.as_loaded() for runner in self._runners.values()]

    def slots_of(self, model: str) -> Slots | None:
        runner = self._runners.get(model)
        return runner.slots if runner else None

    @asynccontextmanager
    async def admitted(self, call: ModelCall, card: ModelCard) -> AsyncIterator[Runner]:
        """The called model's runner, once it is loaded as the call wants it. Raises ApiError 503."""
        runner = await self._runner_for(call, card)
        try:
            async with runner.alive():
                yield runner
        finally:
            self._leave(runner)

    def unload(self, card: ModelCard) -> None:
        """Unload as soon as it is idle; answers at once, like Ollama."""
        runner = self._runners.get(card.name)
        if runner:
            self._mark(runner)

    def resize(self) -> None:
        """Give loaded models the configured number of slots."""
        for runner in self._runners.values():
            runner.slots.resize(slot_count(runner.card, self._config()))

    def reset(self) -> None:
        """Nothing loaded, nothing counted. Calls under way keep the runner they have."""
        for runner in list(self._runners.values()):
            self._unload(runner)
        self.loads.clear()

    async def _runner_for(self, call: ModelCall, card: ModelCard) -> Runner:
        wanted = LoadOptions.of(call, card, self._config().context_length)
        runner = self._fitting(card, wanted)
        if runner:
            runner.join(call)
            return runner
        if len(self._pending) >= self._config().max_queue:
            raise server_busy()
        pending = _Pending(call, card, wanted, asyncio.get_running_loop().create_future())
        self._pending.append(pending)
        if self._loader is None or self._loader.done():
            self._loader = asyncio.create_task(self._load_pending())
        try:
            return await pending.granted
        except asyncio.CancelledError:
            if pending.granted.done() and not pending.granted.cancelled():
                self._leave(pending.granted.result())
            raise

    def _fitting(self, card: ModelCard, wanted: LoadOptions) -> Runner | None:
        runner = self._runners.get(card.name)
        usable = runner and not runner.dead and not runner.options.need_reload_for(wanted)
        return runner if usable else None

    async def _load_pending(self) -> None:
        """The only loop that loads. It takes the head out of the queue and stays with it until that is settled."""
        while self._pending:
            pending = self._pending.popleft()
            while not pending.granted.done():
                await self._next_step(pending)

    async def _next_step(self, pending: _Pending) -> None:
        """One step for the head: it can join, or somebody must be evicted first, or it is loaded."""
        present = self._runners.get(pending.card.name)
        runner = self._fitting(pending.card, pending.wanted)
        if runner is None and (present or len(self._runners) >= self._config().max_loaded):
            await self._evicted(present or self._victim())
            return
        if runner is None:
            runner = await self._load(pending)
        if runner is not None and not pending.granted.done():
            runner.join(pending.call)
            pending.granted.set_result(runner)

    async def _load(self, pending: _Pending) -> Runner | None:
        """Load for this call; None when its client left meanwhile, which aborts the load."""
        config, card = self._config(), pending.card
        self.loads[card.name] += 1
        await asyncio.wait([pending.granted], timeout=config.load_seconds)
        if pending.granted.done():
            return None
        keep_alive = pending.call.keep_alive
        session = config.keep_alive_seconds if keep_alive is None else keep_alive
        runner = Runner(card, pending.wanted, Slots(slot_count(card, config)), session)
        self._runners[card.name] = runner
        return runner

    def _victim(self) -> Runner:
        """The one with the shortest keep-alive among the idle ones, else among all."""
        order = sorted(self._runners.values(), key=lambda runner: (runner.session_seconds, runner.card.name))
        return next((runner for runner in order if not runner.admitted), order[0])

    async def _evicted(self, runner: Runner) -> None:
        self._mark(runner)
        await runner.gone.wait()
        await asyncio.sleep(self._config().unload_seconds)

    def _mark(self, runner: Runner) -> None:
        runner.session_seconds = 0
        if not runner.admitted:
            self._unload(runner)

    def _leave(self, runner: Runner) -> None:
        """A call has ended. The last one starts the session's time, or ends the runner that was marked or crashed."""
        runner.admitted -= 1
        if runner.admitted:
            return
        if runner.dead or runner.session_seconds <= 0:
            self._unload(runner)
        elif runner.session_seconds < math.inf and not runner.gone.is_set():
            runner.timer = asyncio.get_running_loop().call_later(runner.session_seconds, self._unload, runner)

    def _unload(self, runner: Runner) -> None:
        if runner.timer:
            runner.timer.cancel()
        if self._runners.get(runner.card.name) is runner:
            del self._runners[runner.card.name]
        runner.gone.set()
