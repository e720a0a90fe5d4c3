"""One loaded model: how it was loaded, who uses it, and how long it stays.

Ollama keeps a count of admitted calls (those waiting for a slot included) and a session duration that starts to run
when the count falls to zero. Two of its hazards follow from that and are kept on purpose: nothing stops new calls from
joining a runner that is marked for eviction, and a call with its own `keep_alive` overwrites the mark.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from modelserver.calls import ModelCall
from modelserver.errors import ApiError
from modelserver.models import LoadedModel, ModelCard
from modelserver.options import LOAD_OPTIONS
from modelserver.scripted.config import Config
from modelserver.scripted.slots import Slots

LEAST_CONTEXT_WITH_VISION = 2048
# Families for which Ollama forces one slot, whatever OLLAMA_NUM_PARALLEL says.
ONE_SLOT_FAMILIES = frozenset(
    {"mllama", "qwen3vl", "qwen3vlmoe", "qwen35", "qwen35moe", "qwen3next", "lfm2", "lfm2moe"}
    | {"nemotron_h", "nemotron_h_moe", "nemotron_h_omni"}
)
CRASHED = "llama-server process no longer running: signal: segmentation fault (core dumped)"


@dataclass(frozen=True)
class LoadOptions:
    """What a model is loaded with. `automatic`: the context length was not asked for."""

    context_length: int
    automatic: bool
    others: Mapping[str, object]

    @classmethod
    def of(cls, call: ModelCall, card: ModelCard, default_context: int) -> LoadOptions:
        asked = call.context_length(default_context)
        least = LEAST_CONTEXT_WITH_VISION if card.can("vision") else 4
        others = {name: call.options[name] for name in LOAD_OPTIONS if name in call.options and name != "num_ctx"}
        others["shift"] = call.flags.get("shift", True)
        return cls(max(least, min(asked, card.context_length)), "num_ctx" not in call.options, others)

    def need_reload_for(self, wanted: LoadOptions) -> bool:
        """Whether a model loaded like this must be loaded anew for a call that wants it like that."""
        if not (self.automatic and wanted.automatic) and self.context_length != wanted.context_length:
            return True
        names = set(self.others) | set(wanted.others)
        if int(str(wanted.others.get("num_gpu", -1))) < 0:
            names.discard("num_gpu")
        return any(self.others.get(name) != wanted.others.get(name) for name in names)


@dataclass(eq=False)
class Runner:
    """A model in memory. `session_seconds` is how long it stays once idle; 0 marks it for eviction."""

    card: ModelCard
    options: LoadOptions
    slots: Slots
    session_seconds: float
    admitted: int = 0
    dead: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    timer: asyncio.TimerHandle | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def join(self, call: ModelCall) -> None:
        """Admit a call. A keep_alive of its own replaces whatever was meant for the runner."""
        self.admitted += 1
        if self.timer:
            self.timer.cancel()
            self.timer = None
        if call.keep_alive is not None:
            self.session_seconds = call.keep_alive

    @asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """Do the work of an admitted call in here: a crash of the runner ends it with Ollama's 500."""
        task: asyncio.Task[None] | None = asyncio.current_task()
        assert task is not None
        if self.dead:
            raise ApiError(500, CRASHED)
        self._tasks.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if self.dead and task not in self._tasks and task.uncancel() == 0:
                raise ApiError(500, CRASHED) from None
            raise
        finally:
            self._tasks.discard(task)

    def crash(self) -> None:
        """The process dies: every admitted call but the current one is ended; that one must raise by itself."""
        self.dead = True
        others = self._tasks - {asyncio.current_task()}
        self._tasks -= others
        for task in others:
            task.cancel()

    def as_loaded(self) -> LoadedModel:
        seconds = min(self.session_seconds, 100 * 365 * 86_400)
        return LoadedModel(self.card, self.options.context_length, time.time() + seconds)


def slot_count(card: ModelCard, config: Config) -> int:
    return 1 if card.family in ONE_SLOT_FAMILIES else config.num_parallel
