"""The real face: `dev-ocr` answers calls with images, `dev-writer` those without, each in a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import aclosing

from modelserver import tokens
from modelserver.calls import ModelCall
from modelserver.errors import ApiError, does_not_support
from modelserver.faces import card_for
from modelserver.models import LoadedModel, ModelCard
from modelserver.real.cards import READER, WRITER
from modelserver.real.generation import Ended, Piece
from modelserver.real.journal import Journal, Served
from modelserver.real.reader import Reader
from modelserver.real.writer import Writer
from modelserver.replies import Metrics, Reply

# What an image counts for in `prompt_eval_count`; the reader has no tokens. It is Ollama's own estimate.
TOKENS_PER_IMAGE = 768
FOREVER_SECONDS = 100 * 365 * 86_400.0


class RealFace:
    """Both models. Without a writer only `dev-ocr` is installed."""

    version = "0.33.0"

    def __init__(self, journal: Journal, writer: Writer | None) -> None:
        self._journal = journal
        self._reader = Reader()
        self._writer = writer

    def installed(self) -> Sequence[ModelCard]:
        return (READER, WRITER) if self._writer else (READER,)

    def loaded(self) -> Sequence[LoadedModel]:
        until = time.time() + FOREVER_SECONDS
        reader = [LoadedModel(READER, READER.context_length, until)] if self._reader.is_loaded else []
        context = self._writer.loaded_context if self._writer else None
        return reader + ([LoadedModel(WRITER, context, until)] if context else [])

    async def close(self) -> None:
        self._journal.close()

    async def answer(self, call: ModelCall, reply: Reply) -> None:
        started = time.perf_counter()
        served = Served(call.model, call.endpoint, images=len(call.images))
        try:
            await self._answer(call, reply, served)
        except ApiError as error:
            served.outcome = f"refused {error.status}"
            raise
        finally:
            self._journal.note(served, started)

    async def _answer(self, call: ModelCall, reply: Reply, served: Served) -> None:
        card = card_for(call, self.installed())
        if call.is_preload:
            await self._preload(call, card, reply, served)
        elif card is READER:
            await self._read(call, reply, served)
        else:
            await self._write(call, reply, served)

    async def _preload(self, call: ModelCall, card: ModelCard, reply: Reply, served: Served) -> None:
        served.outcome = "unload" if call.keep_alive == 0 else "load"
        if card is READER:
            served.load_seconds = await self._reader.load()
        elif self._writer and served.outcome == "load":
            served.load_seconds = await self._writer.load(call)
        elif self._writer:
            await self._writer.unload()
        await reply.finish(served.outcome, Metrics(load_seconds=served.load_seconds))

    async def _read(self, call: ModelCall, reply: Reply, served: Served) -> None:
        """The text of all images, one after the other, word by word. The instructions are not looked at."""
        if not call.images:
            raise does_not_support(call.model, "chat without an image")
        if call.format is not None:
            raise does_not_support(call.model, "format")
        served.load_seconds = await self._reader.load()
        started = time.perf_counter()
        pages = [await self._reader.read(image) for image in call.images]
        read = time.perf_counter()
        words = tokens.split("\n\n".join(pages))
        said = words[: call.num_predict]
        for word in said:
            await reply.piece(word)
        served.prompt_tokens_evaluated = tokens.prompt_tokens(call, TOKENS_PER_IMAGE)
        served.prompt_seconds, served.token_seconds = read - started, time.perf_counter() - read
        served.tokens, served.outcome = len(said), "length" if len(said) < len(words) else "stop"
        await reply.finish(served.outcome, _metrics(served))

    async def _write(self, call: ModelCall, reply: Reply, served: Served) -> None:
        assert self._writer is not None
        async with aclosing(self._writer.generate(call)) as events:
            async for event in events:
                if isinstance(event, Piece):
                    served.tokens += 1
                    await reply.piece(event.text)
                else:
                    _note_end(served, event)
        await reply.finish(served.outcome, _metrics(served))


def _note_end(served: Served, end: Ended) -> None:
    served.outcome, served.load_seconds = end.reason, end.load_seconds
    served.prompt_tokens_cached, served.prompt_tokens_evaluated = end.cached, end.evaluated
    served.prompt_seconds, served.tokens, served.token_seconds = end.prompt_seconds, end.tokens, end.token_seconds


def _metrics(served: Served) -> Metrics:
    """As Ollama reports: the prompt's cached tokens are counted in, their time is not there."""
    return Metrics(
        load_seconds=served.load_seconds,
        prompt_tokens=served.prompt_tokens_cached + served.prompt_tokens_evaluated,
        prompt_seconds=served.prompt_seconds,
        tokens=served.tokens,
        token_seconds=served.token_seconds,
    )
