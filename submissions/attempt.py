"""One attempt at one unit: claim it, run its step, store the result or end it by the verdict on what went wrong.

Both actors share this pipe. The message is a doorbell: whether there is anything to run, the claim decides. Every
ending is fenced by the claim, so that a run that was given up elsewhere changes nothing; it says so in an event.
A unit that was in flight when its process died waits at the gate until it can run alone.
A database that is away does not throw the model's answer away: it is offered again until it is stored, the claim is
lost, or the worker stops.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from submissions import backoff
from submissions.claim_watch import ClaimWatch
from submissions.errors import DatabaseAway, DatabaseUnready, Fault, StorageUnfit, StoreAway, Unexpected
from submissions.events import emit, place_of
from submissions.gate import Gate
from submissions.kinds import Kind
from submissions.lifecycle import ErrorCode, Stage, Step
from submissions.model_server import ModelServer
from submissions.notices import tell_unfit, tell_unready
from submissions.steps import STEPS, Storing, Tools
from submissions.store.spare import SpareConnection
from submissions.store.work import Claim, NoClaim, Unit, WornOut
from submissions.verdict import Outcome, Verdict

#: Waits between two offers of a result to a database that is away, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0

#: The database cannot be told; both pass, a refused login as well.
AWAY = (StoreAway, DatabaseUnready)

DATABASE_AWAY = Kind(
    "the database is lost while a step loads what it needs",
    DatabaseAway,
    "database_away",
    "the database did not answer; the unit runs again when it does",
)

Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where attempts are made; one per process. `spare` is the connection of what goes on in the background."""

    tools: Tools
    model_server: ModelServer
    gate: Gate
    watch: ClaimWatch
    spare: SpareConnection


def run(place: Workplace, unit: Unit, message_id: str, cached_text_md: str | None = None) -> None:
    """Run one attempt to its end.

    Raises StoreAway if the database could not be told about it in time, GateClosed if the process stopped before it was
    this unit's turn to run alone.
    """
    store = place.tools.store
    with place.gate.shared():
        claim = store.claim(unit, message_id, cached_text_md)
        if claim != NoClaim("suspect"):
            return _follow(place, unit, claim)
    emit("unit.suspect", **_names(unit))
    with place.gate.alone():
        return _follow(place, unit, store.claim(unit, message_id, cached_text_md, alone=True))


def _follow(place: Workplace, unit: Unit, claim: Claim | NoClaim | WornOut) -> None:
    """Do what the claim says."""
    if isinstance(claim, NoClaim):
        emit("unit.skipped", **_names(unit), outcome=claim.outcome)
    elif isinstance(claim, WornOut):
        place.tools.cache.forget(claim.last.unit.submission_id)
        _tell_failed(claim.last, claim.reason, _error_code(claim.last, None), time.monotonic())
    else:
        emit("attempt.started", **_attempt(claim), waited_seconds=round(claim.waited_seconds, 3))
        _make(place, claim)


def _make(place: Workplace, claim: Claim) -> None:
    started = time.monotonic()
    try:
        took_effect = _patiently(place, _run_step(place, claim))
    except Fault as fault:
        _end(place, claim, fault, started)
    except AWAY:
        raise
    except Exception as problem:  # noqa: BLE001 - counted, so that it can never be endless
        emit("unexpected", where=claim.unit.step, error=type(problem).__name__, place=place_of(problem))
        _end(place, claim, Unexpected(problem), started)
    else:
        _tell_stored(claim, took_effect, started)


def _run_step(place: Workplace, claim: Claim) -> Storing:
    try:
        with place.model_server.call() as call, place.watch.over(claim, call.cancel):
            return STEPS[claim.unit.step](replace(place.tools, model_server=call), claim)
    except AWAY:
        raise DATABASE_AWAY() from None


def _tell_stored(claim: Claim, took_effect: bool, started: float) -> None:
    if not took_effect:
        emit("attempt.superseded", **_attempt(claim))
        return
    emit("attempt.done", **_attempt(claim), seconds=_since(started))
    if claim.unit.step is Step.FEEDBACK:
        emit("submission.completed", submission_id=claim.unit.submission_id, seconds=_age(claim, started))


def _end(place: Workplace, claim: Claim, fault: Fault, started: float) -> None:
    verdict, error_code = fault.verdict(), _error_code(claim, fault)
    delay = _delay(place.tools, claim, verdict)
    ending = _patiently(place, lambda: place.tools.store.end(claim, verdict, delay, error_code))
    if ending in {"failed", "cancelled"} or verdict.outcome is Outcome.CANCEL:
        place.tools.cache.forget(claim.unit.submission_id)
    if isinstance(fault, StorageUnfit):  # a model's setup is told by the breaker
        tell_unfit(fault)
    told = {**_attempt(claim), "reason": verdict.reason}
    if ending == "superseded":
        emit("attempt.superseded", **_attempt(claim))
    elif ending in {"failed", "given_up"}:
        emit("attempt.failed", **told)
        if ending == "failed":
            _tell_failed(claim, verdict.reason, error_code, started)
    elif ending == "cancelled" or verdict.outcome is Outcome.CANCEL:
        emit("attempt.cancelled", **told)
    else:
        emit(f"attempt.{verdict.outcome}", **told, delay_seconds=round(delay, 3))


def _tell_failed(claim: Claim, reason: str, error_code: ErrorCode | None, started: float) -> None:
    emit("submission.failed", **_attempt(claim), reason=reason, error_code=error_code, seconds=_age(claim, started))


def _delay(tools: Tools, claim: Claim, verdict: Verdict) -> float:
    """Seconds until the unit runs again, counted from now."""
    if verdict.after is not None:
        return verdict.after
    if verdict.outcome is Outcome.SNOOZE:
        return tools.settings.worker_snooze_seconds
    return backoff.backoff(tools.settings.worker_backoff_seconds, claim.attempt)


def _error_code(claim: Claim, fault: Fault | None) -> ErrorCode:
    """The platform's code if this attempt turns out to be the last."""
    if fault and fault.error_code:
        return fault.error_code
    return ErrorCode.FEEDBACK_FAILED if claim.unit.step.stage is Stage.FEEDBACK else ErrorCode.VISION_FAILED


def _patiently(place: Workplace, offer: Callable[[], Said]) -> Said:
    """Offer something to the database until it is taken; a worker that stops gives up, and the message comes again."""
    pause, waited = FIRST_PAUSE, 0.0
    while True:
        try:
            return offer()
        except AWAY as problem:
            if place.model_server.stopped:
                raise
            if isinstance(problem, DatabaseUnready):
                tell_unready(problem)
        emit("store.away", waited_seconds=round(waited, 1))
        time.sleep(pause)
        waited, pause = waited + pause, min(LONGEST_PAUSE, pause * 2)


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _age(claim: Claim, started: float) -> float:
    """Seconds since the submission was handed in, or last requeued."""
    return round(claim.age_seconds + time.monotonic() - started, 3)


def _names(unit: Unit) -> dict[str, object]:
    return {"submission_id": unit.submission_id, "step": unit.step, "page": unit.page}


def _attempt(claim: Claim) -> dict[str, object]:
    return {**_names(claim.unit), "claim": claim.number, "attempt": claim.attempt}
