"""Which models are in memory and how many calls run on each."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from modelserver.calls import ModelCall
from modelserver.models import LoadedModel, ModelCard
from modelserver.scripted.config import Config
from modelserver.scripted.slots import Slots

KEEP_ALIVE_SECONDS = 300.0


class Runners:
    """Models load one after the other, at their first call, and stay until they are unloaded by a call."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config
        self._loading = asyncio.Lock()
        self._loaded: dict[str, LoadedModel] = {}
        self.slots: dict[str, Slots] = {}

    def loaded(self) -> list[LoadedModel]:
        return list(self._loaded.values())

    async def ready(self, call: ModelCall, card: ModelCard) -> Slots:
        """The slots of the called model, once it is in memory."""
        if card.name not in self._loaded:
            async with self._loading:
                if card.name not in self._loaded:
                    await asyncio.sleep(self._config().load_seconds)
        seconds = KEEP_ALIVE_SECONDS if call.keep_alive is None else call.keep_alive
        expires = time.time() + min(seconds, math.ldexp(1, 32))
        context = call.context_length(self._config().context_length)
        self._loaded[card.name] = LoadedModel(card, context, expires)
        return self.slots_of(card)

    def unload(self, card: ModelCard) -> None:
        self._loaded.pop(card.name, None)

    def reset(self) -> None:
        """Unload all models and start the maxima anew."""
        self._loaded.clear()
        for slots in self.slots.values():
            slots.max_running = slots.running

    def slots_of(self, card: ModelCard) -> Slots:
        slots = self.slots.setdefault(card.name, Slots(self._config().num_parallel))
        slots.resize(self._config().num_parallel)
        return slots

    def resize(self) -> None:
        for slots in self.slots.values():
            slots.resize(self._config().num_parallel)
