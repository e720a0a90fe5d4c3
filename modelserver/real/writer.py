"""The model `dev-writer`: one thread loads the language model and generates, first come, first served.

Like Ollama it loads at the first call and loads anew when a call asks for another context length (`num_ctx`, default
4096). Unlike Ollama it refuses a prompt that is too long instead of cutting it, and stays loaded until it is told to
unload.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from modelserver.calls import ModelCall
from modelserver.errors import ApiError
from modelserver.real.cards import WRITER
from modelserver.real.engine import Engine
from modelserver.real.generation import Ended, Event, Piece

DEFAULT_CONTEXT = 4096


class Writer:
    """Generates in its own thread; the event loop only passes pieces on."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._thread = ThreadPoolExecutor(1, "writer")
        self._engine: Engine | None = None

    @property
    def loaded_context(self) -> int | None:
        """The context length in tokens of the loaded model; None when it is not loaded."""
        engine = self._engine
        return engine.context_length if engine else None

    async def load(self, call: ModelCall) -> float:
        """Have the model in memory as the call wants it; returns the seconds that took."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._load, call)

    async def unload(self) -> None:
        def drop() -> None:
            self._engine = None

        await asyncio.get_running_loop().run_in_executor(self._thread, drop)

    async def generate(self, call: ModelCall) -> AsyncGenerator[Piece | Ended, None]:
        """The pieces of the answer and its end. Raises ApiError. Closing the iterator ends the generation."""
        loop, stop = asyncio.get_running_loop(), threading.Event()
        events: asyncio.Queue[Event | None] = asyncio.Queue()

        def emit(event: Event) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        job = loop.run_in_executor(self._thread, self._generate, call, emit, stop)
        job.add_done_callback(lambda _job: events.put_nowait(None))
        try:
            while event := await events.get():
                if isinstance(event, ApiError):
                    raise event
                yield event
                if isinstance(event, Ended):
                    return
            job.result()
            raise ApiError(500, "model runner has unexpectedly stopped")
        finally:
            stop.set()
            job.cancel()

    def _load(self, call: ModelCall) -> float:
        context = min(call.context_length(DEFAULT_CONTEXT), WRITER.context_length)
        if self._engine and self._engine.context_length == context:
            return 0.0
        started = time.perf_counter()
        self._engine = None  # free the old one first: both would not fit into a small laptop
        self._engine = Engine(self._model, context)
        return time.perf_counter() - started

    def _generate(self, call: ModelCall, emit: Callable[[Event], None], stop: threading.Event) -> None:
        """Runs in the writer's thread. Emits pieces and an end, or an error."""
        try:
            load_seconds = self._load(call)
        except ApiError as error:
            emit(error)
            return
        if self._engine and not stop.is_set():
            self._engine.generate(call, lambda event: emit(_with_load(event, load_seconds)), stop)


def _with_load(event: Event, load_seconds: float) -> Event:
    return replace(event, load_seconds=load_seconds) if isinstance(event, Ended) else event
