"""A dead process does not tell which of its threads killed it: what is held against a unit, and what is not."""

from __future__ import annotations

import pytest

from submissions.errors import AnswerFault, Interrupted
from submissions.store.work import Claim, NoClaim, Unit, WorkStore, WornOut
from tests.doorbells import acknowledged, handed_out, owner_died, put_back
from tests.factories import hand_in_text, rows, submission, work_store

WORN = AnswerFault("answer_not_json", "no JSON").verdict()


@pytest.fixture
def store(worker_url: str) -> WorkStore:
    return work_store(worker_url, max_crashes=2)


def starts(store: WorkStore, owner_url: str, unit: Unit, *, alone: bool = False) -> tuple[Claim, str]:
    message = handed_out(owner_url, unit)
    claim = store.claim(unit, message, alone=alone)
    assert isinstance(claim, Claim), claim
    return claim, message


def state(owner_url: str, unit: Unit) -> tuple[object, ...]:
    (row,) = rows(
        owner_url,
        "SELECT state, spent, suspect, crashes FROM learning_units WHERE submission_id = %s",
        unit.submission_id,
    )
    return row


def last_words(owner_url: str) -> list[tuple[object, ...]]:
    return rows(owner_url, "SELECT verdict, reason FROM learning_attempts ORDER BY claim")


def test_a_unit_in_flight_at_a_death_has_to_run_alone_and_nothing_else_is_held_against_it(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_text(platform_url)
    starts(store, owner_url, unit)
    owner_died(owner_url)
    message = handed_out(owner_url, unit)
    assert store.claim(unit, message) == NoClaim("suspect")
    assert state(owner_url, unit) == ("waiting", 0, True, 0)
    assert last_words(owner_url) == [("lost", "worker_died")]
    claim = store.claim(unit, message, alone=True)
    assert isinstance(claim, Claim)
    assert claim.attempt == 1


def test_a_death_while_it_waits_for_its_turn_is_not_held_against_it(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_text(platform_url)
    starts(store, owner_url, unit)
    for _ in range(3):
        owner_died(owner_url)
        assert store.claim(unit, handed_out(owner_url, unit)) == NoClaim("suspect")
    assert state(owner_url, unit) == ("waiting", 0, True, 0)


def test_deaths_while_alone_fail_the_submission_with_its_stage_and_the_true_reason(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_text(platform_url)
    starts(store, owner_url, unit)
    for crashes in range(2):
        owner_died(owner_url)
        starts(store, owner_url, unit, alone=True)
        assert state(owner_url, unit) == ("running", 1, True, crashes)
    owner_died(owner_url)
    outcome = store.claim(unit, handed_out(owner_url, unit))
    assert isinstance(outcome, WornOut)
    assert (outcome.reason, outcome.last.number) == ("crashed_repeatedly", 3)
    assert submission(owner_url, unit, "analysis_status, error_code, feedback_last_error") == (
        "failed",
        "feedback_failed",
        "the worker's process died each time it worked on this alone",
    )
    assert rows(owner_url, "SELECT reason, ended_at IS NOT NULL FROM learning_work") == [("crashed_repeatedly", True)]
    assert state(owner_url, unit) == ("failed", 0, True, 2)


@pytest.mark.parametrize("reason", ["store_away", "stopped_while_running", "not_started"])
def test_a_run_that_was_interrupted_is_no_crash_even_alone(
    platform_url: str, owner_url: str, store: WorkStore, reason: str
) -> None:
    unit = hand_in_text(platform_url)
    _, message = starts(store, owner_url, unit, alone=True)
    put_back(owner_url, message, reason)
    assert isinstance(store.claim(unit, handed_out(owner_url, unit)), Claim)
    assert state(owner_url, unit) == ("running", 1, False, 0)
    assert last_words(owner_url)[0] == ("lost", "interrupted")


def test_a_death_that_another_delivery_hides_makes_suspect_and_is_not_held_against_it(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_text(platform_url)
    starts(store, owner_url, unit, alone=True)
    owner_died(owner_url)
    put_back(owner_url, handed_out(owner_url, unit), "not_started")
    assert store.claim(unit, handed_out(owner_url, unit)) == NoClaim("suspect")
    assert state(owner_url, unit) == ("waiting", 0, True, 0)
    assert last_words(owner_url) == [("lost", "vanished")]


def test_the_death_of_a_later_delivery_is_not_put_down_to_a_run_that_had_been_interrupted(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_text(platform_url)
    _, message = starts(store, owner_url, unit, alone=True)
    put_back(owner_url, message, "store_away")
    handed_out(owner_url, unit)
    owner_died(owner_url)
    store.claim(unit, handed_out(owner_url, unit))
    assert state(owner_url, unit) == ("waiting", 0, True, 0)


def test_a_retry_after_running_alone_clears_a_suspect_and_a_snooze_does_not(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_text(platform_url)
    starts(store, owner_url, unit)
    owner_died(owner_url)
    claim, message = starts(store, owner_url, unit, alone=True)
    store.end(claim, Interrupted().verdict(), 0, None)
    acknowledged(owner_url, message)
    assert state(owner_url, unit) == ("waiting", 0, True, 0)
    claim, message = starts(store, owner_url, unit, alone=True)
    store.end(claim, WORN, 0, None)
    assert state(owner_url, unit) == ("waiting", 1, False, 0)


def test_a_unit_that_a_death_is_held_against_stays_alone_and_the_deaths_add_up(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_text(platform_url)
    starts(store, owner_url, unit)
    owner_died(owner_url)
    starts(store, owner_url, unit, alone=True)
    owner_died(owner_url)
    claim, message = starts(store, owner_url, unit, alone=True)
    store.end(claim, WORN, 0, None)
    acknowledged(owner_url, message)
    assert state(owner_url, unit) == ("waiting", 1, True, 1)
    starts(store, owner_url, unit, alone=True)
    owner_died(owner_url)
    assert isinstance(store.claim(unit, handed_out(owner_url, unit)), WornOut)


def test_attempts_that_are_used_up_are_refused_at_the_claim(platform_url: str, owner_url: str, worker_url: str) -> None:
    unit = hand_in_text(platform_url)
    claim, message = starts(work_store(worker_url, max_attempts=4), owner_url, unit)
    work_store(worker_url, max_attempts=4).end(claim, WORN, 0, None)
    acknowledged(owner_url, message)
    # The operator has lowered the limit meanwhile.
    outcome = work_store(worker_url, max_attempts=1).claim(unit, handed_out(owner_url, unit))
    assert isinstance(outcome, WornOut)
    assert outcome.reason == "attempts_used_up"
    assert submission(owner_url, unit) == ("failed",)
