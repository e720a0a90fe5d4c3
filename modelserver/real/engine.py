"""llama.cpp in this process: a language model loaded with one context length, asked from one thread.

Traps of xllamacpp that are avoided here: its prompt cache in main memory grows to 8 GB unless it is switched off; it
opens a loopback port of its own, so that port gets no web page and a random key. A smaller batch than the default costs
about 5 % and lets a call be broken off while its prompt is read.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelserver.calls import ModelCall
from modelserver.errors import ApiError
from modelserver.real.generation import Event, event_of, llama_request, unusable_schema
from modelserver.real.reader import cores

PROMPT_BATCH_TOKENS = 128


class Engine:
    """A loaded model. Dropping the last reference frees its memory (about 1.9 GB with a context of 4096)."""

    def __init__(self, model: Path, context_length: int) -> None:
        """Load the model, which takes 4 to 10 s. Raises ApiError 500 when it cannot be loaded."""
        import xllamacpp  # noqa: PLC0415 — not needed before the first call

        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.n_ctx = context_length
        params.n_batch = params.n_ubatch = PROMPT_BATCH_TOKENS
        params.n_parallel = params.n_threads_http = 1
        params.cpuparams.n_threads = cores()
        params.cache_ram_mib = 0
        params.ctx_shift = params.ui = params.endpoint_slots = False
        params.api_keys = [secrets.token_hex()]
        params.verbosity = 0
        try:
            self._server: Any = xllamacpp.Server(params)
        except RuntimeError as error:
            raise ApiError(500, f"llama-server process has terminated: {error}") from None
        self.context_length = context_length

    def generate(self, call: ModelCall, emit: Callable[[Event], None], stop: threading.Event) -> None:
        """Answer one call, event by event, until it is done or `stop` is set. Blocks."""

        def take(chunk: dict[str, Any]) -> bool:
            event = None if stop.is_set() else event_of(chunk)
            if event is not None:
                emit(event)
            return stop.is_set()

        try:
            self._server.handle_chat_completions(llama_request(call), take)
        except ValueError as error:
            emit(unusable_schema(error))
