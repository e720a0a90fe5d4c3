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
from modelserver.scripted.answers import default_answer, default_thinking
from modelserver.scripted.changes import Changes
from modelserver.scripted.config import Config
from modelserver.scripted.gate import Gate
from modelserver.scripted.performance import Performance, Script, Stage
from modelserver.scripted.prompts import Prompt, answer_limit, prompt_of
from modelserver.scripted.records import Record, RequestLog
from modelserver.scripted.rules import Action, RuleBook
from modelserver.scripted.scheduler import Scheduler
from modelserver.scripted.slots import Slot


class ScriptedFace:
    """Holds what control can look at and change: config, rules, gate, log, scheduler."""

    def __init__(self, log: Path | None = None) -> None:
        self.config = Config()
        self.changes = Changes()
        self.log = RequestLog(self.changes, log)
        self.rules = RuleBook()
        self.gate = Gate(self.changes)
        self.scheduler = Scheduler(lambda: self.config)

    @property
    def version(self) -> str:
        return self.config.version

    def installed(self) -> Sequence[ModelCard]:
        return self.config.models

    def loaded(self) -> Sequence[LoadedModel]:
        return self.scheduler.loaded()

    async def close(self) -> None:
        self.log.close()

    def reset(self) -> None:
        """Back to how it started: default config, no rules, gate open, nothing recorded or loaded."""
        self.reconfigure(Config())
        self.rules.replace([])
        self.gate.release()
        self.log.forget()
        self.scheduler.reset()

    def reconfigure(self, config: Config) -> None:
        self.config = config
        self.scheduler.resize()
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
        except (asyncio.CancelledError, ConnectionResetError):
            # The second comes first where an answer goes out at full speed.
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
            async with self.scheduler.admitted(call, card):
                pass
        else:
            self.scheduler.unload(card)
        await reply.finish(reason, Metrics())
        return reason

    async def _perform(self, call: ModelCall, card: ModelCard, reply: Reply, record: Record) -> None:
        action = self.rules.action_for(call)
        if action.fault and action.fault.fault.on_arrival:
            await self._strike(action, Performance(reply, Script([]), Metrics()), record)
            return
        asked = time.perf_counter()
        async with self.scheduler.admitted(call, card) as runner:
            load_seconds = time.perf_counter() - asked
            context = runner.options.context_length
            prompt = prompt_of(call, context, self.config.image_tokens, action.prompt_tokens)
            async with runner.slots.one(prompt.tokens) as slot:
                read = await self._prompt_read(prompt, slot, load_seconds, action.delay)
                script = self._script(call, card, action, answer_limit(call, prompt, context))
                performance = Performance(reply, script, read, Stage(runner, slot))
                record.prompt_tokens, record.prompt_tokens_cached = prompt.count, slot.cached
                await self.gate.pass_through(call.model)
                await self._strike(action, performance, record)

    async def _prompt_read(self, prompt: Prompt, slot: Slot, load_seconds: float, delay: float) -> Metrics:
        """Take the time that reading the prompt takes; what the slot still holds of it takes none."""
        started = time.perf_counter()
        rate = self.config.prefill_tokens_per_second
        evaluated = max(prompt.count - slot.cached, 0)
        await asyncio.sleep(self.config.prefill_seconds + (evaluated / rate if rate else 0) + delay)
        return Metrics(load_seconds, prompt.count, time.perf_counter() - started)

    def _script(self, call: ModelCall, card: ModelCard, action: Action, limit: int | None) -> Script:
        pace = action.tokens_per_second
        return Script(
            tokens=tokens.split(default_answer(call)) if action.tokens is None else action.tokens,
            thinking=action.thinking or tokens.split(default_thinking(call, card)),
            done_reason=action.done_reason,
            tokens_per_second=self.config.tokens_per_second if pace is None else pace,
            limit=limit,
        )

    @staticmethod
    async def _strike(action: Action, performance: Performance, record: Record) -> None:
        """Give the answer, or let the fault do what it does with it."""
        try:
            if action.fault:
                record.outcome = f"fault {action.fault_name}"
                await action.fault.strike(performance)
            else:
                await performance.play()
                await performance.finish()
        finally:
            record.tokens = performance.sent
