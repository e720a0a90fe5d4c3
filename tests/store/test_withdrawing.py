"""Withdrawing: whatever a submission is doing, it ends as failed with the reason beside its code."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import psycopg2
import pytest

from submissions.errors import AnswerFault, Withdrawn
from submissions.store.hand_in import withdraw
from submissions.store.spare import SpareConnection
from submissions.store.work import Claim, NoClaim, Unit, WorkStore
from tests.factories import (
    STUDENT,
    claimed,
    complete,
    feedback_of,
    hand_in_files,
    hand_in_text,
    opened,
    page_of,
    read,
    rows,
    submission,
    work_store,
)

WORN = AnswerFault("answer_not_json", "no JSON").verdict()


@pytest.fixture
def store(worker_url: str) -> WorkStore:
    return work_store(worker_url)


def waiting_pages(platform_url: str, store: WorkStore) -> Unit:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    claimed(store, page_of(unit, 1))
    return unit


def read_text(platform_url: str, store: WorkStore) -> Unit:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=1)
    read(store, unit, 1, "eins")
    claimed(store, feedback_of(unit))
    return unit


def retrying(platform_url: str, store: WorkStore) -> Unit:
    unit = hand_in_text(platform_url)
    store.end(claimed(store, unit), WORN, 600, None)
    return unit


@pytest.mark.parametrize(
    ("begin", "error_code"),
    [
        (lambda platform_url, _: hand_in_text(platform_url), "feedback_failed"),
        (waiting_pages, "vision_failed"),
        (read_text, "feedback_failed"),
        (retrying, "feedback_failed"),
    ],
)
def test_wherever_it_is_it_shows_as_failed_with_its_stages_code_and_the_reason(
    platform_url: str,
    owner_url: str,
    store: WorkStore,
    begin: Callable[[str, WorkStore], Unit],
    error_code: str,
) -> None:
    unit = begin(platform_url, store)
    assert withdraw(platform_url, unit.submission_id, STUDENT) == "withdrawn"
    assert submission(owner_url, unit, "analysis_status, error_code") == ("failed", error_code)
    assert rows(owner_url, "SELECT reason, withdrawn_at IS NOT NULL, ended_at IS NOT NULL FROM learning_work") == [
        ("withdrawn", True, True)
    ]
    assert rows(owner_url, "SELECT count(*) FROM learning_units WHERE state IN ('waiting', 'running')") == [(0,)]
    assert rows(owner_url, "SELECT count(*) FROM learning_attempts WHERE ended_at IS NULL") == [(0,)]


def test_a_run_of_a_withdrawn_submission_learns_it_and_stores_nothing(
    platform_url: str, owner_url: str, worker_url: str, store: WorkStore
) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    lost, kept = claimed(store, page_of(unit, 1)), claimed(store, hand_in_text(platform_url))
    withdraw(platform_url, unit.submission_id, STUDENT)
    claims = [kept, lost]
    spare = SpareConnection(worker_url)
    assert spare.rows(
        "lost_claims",
        submissions=[str(each.unit.submission_id) for each in claims],
        steps=[each.unit.step for each in claims],
        pages=[each.unit.page for each in claims],
        claims=[each.number for each in claims],
    ) == [(2,)]
    spare.close()
    assert not store.store_page(lost, "eins", "eye", "v1", {})
    assert store.end(lost, WORN, 0, None) == "superseded"
    assert store.end(lost, Withdrawn().verdict(), 0, None) == "cancelled"
    assert rows(owner_url, "SELECT count(*) FROM learning_pages WHERE text_md IS NOT NULL") == [(0,)]
    assert rows(owner_url, "SELECT verdict, reason FROM learning_attempts WHERE step = 'read'") == [
        ("cancel", "withdrawn")
    ]


def test_its_messages_find_nothing_to_run(platform_url: str, store: WorkStore) -> None:
    unit = hand_in_text(platform_url)
    withdraw(platform_url, unit.submission_id, STUDENT)
    assert store.claim(unit, str(uuid4())) == NoClaim("over")


def test_withdrawing_again_changes_nothing(platform_url: str, owner_url: str) -> None:
    unit = hand_in_text(platform_url)
    withdraw(platform_url, unit.submission_id, STUDENT)
    before = rows(owner_url, "SELECT * FROM learning_work")
    assert withdraw(platform_url, unit.submission_id, STUDENT) == "withdrawn"
    assert rows(owner_url, "SELECT * FROM learning_work") == before


def test_what_is_completed_stays_completed(platform_url: str, owner_url: str, worker_url: str) -> None:
    unit = complete(platform_url, worker_url)
    assert withdraw(platform_url, unit.submission_id, STUDENT) == "completed"
    assert submission(owner_url, unit, "analysis_status, feedback_md") == ("completed", "Gut.")


def test_what_had_failed_keeps_its_code_and_gets_the_reason(platform_url: str, owner_url: str, worker_url: str) -> None:
    store = work_store(worker_url, max_attempts=1)
    unit = hand_in_text(platform_url)
    store.end(claimed(store, unit), WORN, 0, None)
    withdraw(platform_url, unit.submission_id, STUDENT)
    assert submission(owner_url, unit, "error_code, feedback_last_error") == ("feedback_failed", "no JSON")
    assert rows(owner_url, "SELECT reason FROM learning_work") == [("withdrawn",)]


def test_nobody_withdraws_for_another_pupil(platform_url: str, owner_url: str) -> None:
    unit = hand_in_text(platform_url)
    assert withdraw(platform_url, unit.submission_id, "pupil-2") == "unknown"
    assert submission(owner_url, unit) == ("pending",)


def test_a_result_that_is_being_stored_meanwhile_comes_first_or_not_at_all(
    platform_url: str, owner_url: str, worker_url: str, store: WorkStore
) -> None:
    unit = hand_in_text(platform_url)
    claim: Claim = claimed(store, unit)
    with psycopg2.connect(worker_url) as storing, storing.cursor() as cursor:
        cursor.execute("SELECT set_config('app.current_sub', %s, true)", (STUDENT,))
        cursor.execute(
            "SELECT learning_store_feedback(%s, %s, 'Gut.', %s, 'pen', 'v1', 'parsed', '{}')",
            (str(unit.submission_id), claim.number, '{"schema": "criteria.v2", "criteria_results": []}'),
        )
        with psycopg2.connect(platform_url) as other, other.cursor() as withdrawing:
            withdrawing.execute("SET lock_timeout = '200ms'")
            withdrawing.execute("SELECT set_config('app.current_sub', %s, true)", (STUDENT,))
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                withdrawing.execute("SELECT learning_withdraw(%s)", (str(unit.submission_id),))
        other.close()
    storing.close()
    assert withdraw(platform_url, unit.submission_id, STUDENT) == "completed"
