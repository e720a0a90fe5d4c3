"""What the actors do to a submission: claim a unit, load what its step needs, store the result, end the attempt.

Every method is one connection and one short transaction that speaks for one pupil; nothing stays open while a model
or the storage is asked. `True`, or a word, says that it took effect: a late loser of its claim changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg2.extras import Json

from submissions.lifecycle import ErrorCode, PageSource, Step
from submissions.store.connection import Role, transaction
from submissions.store.statements import statements
from submissions.task import Criterion, TaskContext
from submissions.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of work by name: page is 0 for the steps that are not about one page."""

    submission_id: UUID
    student_sub: str
    step: Step
    page: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A unit that is ours to run. `number` fences every ending, `attempt` counts from 1.

    `waited_seconds`: since the unit was due. `age_seconds`: since the submission was handed in, or last requeued.
    """

    unit: Unit
    number: int
    attempt: int
    waited_seconds: float = 0.0
    age_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class NoClaim:
    """Nothing to run: `outcome` is over, unknown, routed or suspect (learning_claim says what each means)."""

    outcome: str


@dataclass(frozen=True, slots=True)
class WornOut:
    """Nothing to run any more: the submission has failed, for `reason`, after the run that had the claim `last`."""

    last: Claim
    reason: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a submission. `position` counts from 1; the sizes are bytes."""

    position: int
    storage_key: str
    mime_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PageToRead:
    """A page: its file, its index there (from 0), how many pages the submission has."""

    file: StoredFile
    index: int
    page_count: int
    language: str


@dataclass(frozen=True, slots=True)
class TextToJudge:
    """The pupil's text and the task it answers."""

    text_md: str
    task: TaskContext


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a unit: attempts that count, deaths while it ran alone, and how long it may only be put off."""

    max_attempts: int
    max_crashes: int
    max_wait: timedelta


class WorkStore:
    """The worker's view of the database."""

    def __init__(self, url: str, worker: str, limits: Limits) -> None:
        self._url = url
        self._worker = worker
        self._limits = limits

    def claim(
        self, unit: Unit, message_id: str, cached_text_md: str | None = None, *, alone: bool = False
    ) -> Claim | NoClaim | WornOut:
        """Claim a unit for the message that rang. `alone`: nothing else runs in this process until it has ended."""
        values = {
            "message_id": message_id,
            "worker": self._worker,
            "alone": alone,
            "max_attempts": self._limits.max_attempts,
            "max_crashes": self._limits.max_crashes,
            "cached_text_md": cached_text_md,
        }
        with transaction(self._url, Role.WORKER, unit.student_sub) as cursor:
            cursor.execute(statements()["claim"], _named(unit) | values)
            ((outcome, number, attempt, reason),) = cursor.fetchall()
            if number is None:
                return NoClaim(outcome)
            cursor.execute(statements()["claim_times"], _named(unit) | {"claim": number})
            ((waited_seconds, age_seconds),) = cursor.fetchall()
        claim = Claim(unit, number, attempt, waited_seconds, age_seconds)
        return claim if outcome == "claimed" else WornOut(claim, reason)

    def load_files(self, unit: Unit) -> list[StoredFile]:
        return [StoredFile(*row) for row in self._rows("load_files", unit)]

    def load_page(self, unit: Unit) -> PageToRead:
        *file, index, page_count, language = self._row("load_page", unit)
        return PageToRead(StoredFile(*file), index, page_count, language)

    def load_text(self, unit: Unit) -> TextToJudge:
        text_md, language, instruction, criteria, hints = self._row("load_text", unit)
        task = TaskContext(instruction, tuple(Criterion(**each) for each in criteria), hints, language)
        return TextToJudge(text_md, task)

    def store_opened(self, claim: Claim, pages: list[tuple[int, int]]) -> bool:
        """`pages`: (position of the file, index of the page in it), in reading order."""
        return self._took_effect("store_opened", claim, pages=Json(pages))

    def store_page(
        self,
        claim: Claim,
        text_md: str,
        model: str,
        prompt_version: str,
        cost: Mapping[str, Any],
        *,
        source: PageSource = PageSource.MODEL,
        problem: str | None = None,
    ) -> bool:
        """A page that a model was asked about. `problem`: the reason why the text is not, or not all, what is on it."""
        return self._took_effect(
            "store_page",
            claim,
            text_md=text_md,
            source=source,
            model=model,
            prompt_version=prompt_version,
            cost=Json(dict(cost)),
            problem=problem,
        )

    def store_unasked_page(self, claim: Claim, text_md: str, source: PageSource) -> bool:
        """A page that no model was asked about: its own text, or blank paper, whose text is empty."""
        unasked = {"model": None, "prompt_version": None, "problem": None, "cost": Json({})}
        return self._took_effect("store_page", claim, text_md=text_md, source=source, **unasked)

    def store_feedback(
        self,
        claim: Claim,
        feedback_md: str,
        analysis: Mapping[str, Any],
        *,
        model: str,
        prompt_version: str,
        parse_status: str,
        cost: Mapping[str, Any],
        details: Mapping[str, Any],
    ) -> bool:
        return self._took_effect(
            "store_feedback",
            claim,
            feedback_md=feedback_md,
            analysis=Json(dict(analysis)),
            model=model,
            prompt_version=prompt_version,
            parse_status=parse_status,
            cost=Json(dict(cost)),
            details=Json(dict(details)),
        )

    def end(self, claim: Claim, verdict: Verdict, delay_seconds: float, error_code: ErrorCode | None) -> str:
        """End without a result; returns waiting, failed, given_up, cancelled or superseded."""
        (ending,) = self._row(
            "end_attempt",
            claim.unit,
            claim=claim.number,
            verdict=verdict.outcome,
            reason=verdict.reason,
            message=verdict.message,
            error_code=error_code,
            of_page=verdict.of_page,
            delay_seconds=delay_seconds,
            max_attempts=self._limits.max_attempts,
            max_wait_seconds=self._limits.max_wait.total_seconds(),
        )
        return str(ending)

    def _took_effect(self, name: str, claim: Claim, **values: Any) -> bool:
        return bool(self._row(name, claim.unit, claim=claim.number, **values)[0])

    def _row(self, name: str, unit: Unit, **values: Any) -> tuple[Any, ...]:
        (row,) = self._rows(name, unit, **values)
        return row

    def _rows(self, name: str, unit: Unit, **values: Any) -> list[tuple[Any, ...]]:
        with transaction(self._url, Role.WORKER, unit.student_sub) as cursor:
            cursor.execute(statements()[name], _named(unit) | values)
            return cursor.fetchall()


def _named(unit: Unit) -> dict[str, Any]:
    return {"submission_id": str(unit.submission_id), "step": unit.step, "page": unit.page}
