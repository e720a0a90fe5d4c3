"""The life of one scripted call: recorded, checked, given a rule, a loaded model, a slot, and then answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from modelserver import tokens
from modelserver.calls import ModelCall
from modelserver.errors import ApiError
from modelserver.faces import card_for
from modelserver.models import LoadedModel, ModelCard
from modelserver.replies import Metrics, Reply
from modelserver.scripted.answers import default_answer
from modelserver.scripted.changes import Changes
from modelserver.scripted.config import Config
from modelserver.scripted.context import answer_limit, evaluated_prompt
from modelserver.scripted.gate import Gate
from modelserver.scripted.performance import Performance, Script
from modelserver.scripted.records import Record, RequestLog
from modelserver.scripted.rules import Action, RuleBook
from modelserver.scripted.runners import Runners


class ScriptedFace:
    """Holds what control can look at and change: config, rules, gate, log, runners."""

    def __init__(self, log: Path | None = None) -> None:
        self.config = Config()
        self.changes = Changes()
        self.log = RequestLog(self.changes, log)
        self.rules = RuleBook()
        self.gate = Gate(self.changes)
        self.runners = Runners(lambda: self.config)

    @property
    def version(self) -> str:
        return self.config.version

    def installed(self) -> Sequence[ModelCard]:
        return self.config.models

    def loaded(self) -> Sequence[LoadedModel]:
        return self.runners.loaded()

    async def close(self) -> None:
        self.log.close()

    def reset(self) -> None:
        """Back to how it started: default config, no rules, gate open, nothing recorded or loaded."""
        self.reconfigure(Config())
        self.rules.replace([])
        self.gate.release()
        self.log.forget()
        self.runners.reset()

    def reconfigure(self, config: Config) -> None:
        self.config = config
        self.runners.resize()
        self.changes.announce()

    async def answer(self, call: ModelCall, reply: Reply) -> None:
        record = self.log.received(call)
        reply.on_first_byte = lambda: self.log.first_byte(record)
        with self._outcome(record):
            card = card_for(call, self.config.models)
            if call.is_preload:
                record.outcome = await self._preload(call, card, reply)
            else:
                await self._perform(call, card, reply, record)

    @contextmanager
    def _outcome(self, record: Record) -> Iterator[None]:
        """Note how the call ended. A fault has named itself before it strikes, and that name stays."""
        try:
            yield
        except asyncio.CancelledError:
            self._end(record, "aborted by client")
            raise
        except ApiError as error:
            self._end(record, f"refused {error.status}")
            raise
        self._end(record, "done")

    def _end(self, record: Record, outcome: str) -> None:
        self.log.ended(record, outcome if record.outcome == "in flight" else record.outcome)

    async def _preload(self, call: ModelCall, card: ModelCard, reply: Reply) -> str:
        """Ollama's answer to a call without messages: load the model, or unload it with keep_alive 0."""
        reason = "unload" if call.keep_alive == 0 else "load"
        if reason == "load":
            await self.runners.ready(call, card)
        else:
            self.runners.unload(card)
        await reply.finish(reason, Metrics())
        return reason

    async def _perform(self, call: ModelCall, card: ModelCard, reply: Reply, record: Record) -> None:
        action = self.rules.action_for(call)
        if action.fault and action.fault.fault.on_arrival:
            await self._strike(action, Performance(reply, Script([]), Metrics()), record)
            return
        asked = time.perf_counter()
        slots = await self.runners.ready(call, card)
        load_seconds = time.perf_counter() - asked
        async with slots.one():
            performance = await self._prepared(call, action, reply, load_seconds)
            await self.gate.pass_through(call.model)
            try:
                await self._strike(action, performance, record)
            finally:
                record.prompt_tokens, record.tokens = performance.prompt.prompt_tokens, performance.sent

    async def _prepared(self, call: ModelCall, action: Action, reply: Reply, load_seconds: float) -> Performance:
        """Read the prompt: refuse it if it does not fit, take the time it takes, and lay out the answer."""
        started = time.perf_counter()
        context = call.context_length(self.config.context_length)
        whole = action.prompt_tokens
        if whole is None:
            whole = tokens.prompt_tokens(call, self.config.image_tokens)
        prompt = evaluated_prompt(call, whole, context)
        rate = self.config.prefill_tokens_per_second
        await asyncio.sleep(self.config.prefill_seconds + (prompt / rate if rate else 0) + action.delay)
        pace = action.tokens_per_second
        script = Script(
            tokens=tokens.split(default_answer(call)) if action.tokens is None else action.tokens,
            thinking=action.thinking,
            done_reason=action.done_reason,
            tokens_per_second=self.config.tokens_per_second if pace is None else pace,
            limit=answer_limit(call, prompt, context),
        )
        return Performance(reply, script, Metrics(load_seconds, prompt, time.perf_counter() - started))

    @staticmethod
    async def _strike(action: Action, performance: Performance, record: Record) -> None:
        if action.fault:
            record.outcome = f"fault {action.fault_name}"
            await action.fault.strike(performance)
        else:
            await performance.play()
            await performance.finish()
