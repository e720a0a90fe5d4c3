"""Bringing back what was lost: each case is mended once, and nothing that is in order is touched."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg2
import pytest

from submissions.errors import AnswerFault
from submissions.reconcile import Reconciled, reconcile
from submissions.settings import Settings
from submissions.store.spare import SpareConnection
from submissions.store.work import Claim, Unit, WorkStore
from tests.doorbells import acknowledged, handed_out
from tests.factories import (
    claimed,
    complete,
    feedback_of,
    hand_in_files,
    hand_in_text,
    messages,
    opened,
    page_of,
    read,
    rows,
    submission,
    work_store,
)

NOTHING = Reconciled(rung=0, freed=0, routed=0)
WORN = AnswerFault("answer_not_json", "no JSON").verdict()

#: A worker that is alive, as the queue shows it; its name is that of the store of the tests.
ALIVE = "INSERT INTO dramatiq.worker (host, pid, threads, queues, beat_at) VALUES ('host', 4711, 1, '{}', now())"


@pytest.fixture
def store(worker_url: str) -> WorkStore:
    return work_store(worker_url, worker="host:4711")


@pytest.fixture
def spare(worker_url: str) -> Iterator[SpareConnection]:
    connection = SpareConnection(worker_url)
    yield connection
    connection.close()


def round_of(spare: SpareConnection) -> Reconciled:
    return reconcile(spare, Settings())


def runs(store: WorkStore, owner_url: str, unit: Unit) -> tuple[Claim, str]:
    message = handed_out(owner_url, unit)
    return claimed(store, unit, message), message


def test_units_that_wait_without_a_message_are_rung_for_once(
    platform_url: str, owner_url: str, store: WorkStore, spare: SpareConnection
) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=3)
    read(store, unit, 2, "zwei")
    rows(owner_url, "DELETE FROM dramatiq.queue")
    assert round_of(spare) == Reconciled(rung=2, freed=0, routed=0)
    assert messages(owner_url) == [("vision", 1, False), ("vision", 3, False)]
    assert round_of(spare) == NOTHING


def test_a_rejected_message_counts_as_none(platform_url: str, owner_url: str, spare: SpareConnection) -> None:
    hand_in_text(platform_url)
    rows(owner_url, "UPDATE dramatiq.queue SET state = 'rejected', reason = 'error: RuntimeError'")
    assert round_of(spare) == Reconciled(rung=1, freed=0, routed=0)
    assert messages(owner_url) == [("feedback", None, False)]


def test_what_is_in_order_is_left_as_it_is(
    platform_url: str, owner_url: str, worker_url: str, store: WorkStore, spare: SpareConnection
) -> None:
    complete(platform_url, worker_url)
    handed_out(owner_url, hand_in_text(platform_url, "in hand, not claimed yet"))
    runs(store, owner_url, hand_in_text(platform_url, "running"))
    later = hand_in_text(platform_url, "waits for its time")
    claim, message = runs(store, owner_url, later)
    store.end(claim, WORN, 600, None)
    acknowledged(owner_url, message)
    hand_in_files(platform_url)
    before = rows(owner_url, "SELECT * FROM learning_units ORDER BY submission_id, step"), messages(owner_url)
    assert round_of(spare) == NOTHING
    after = rows(owner_url, "SELECT * FROM learning_units ORDER BY submission_id, step"), messages(owner_url)
    assert after == before


@pytest.mark.parametrize(
    "gone", ["DELETE FROM dramatiq.queue", "UPDATE dramatiq.queue SET state = 'rejected', owner = NULL"]
)
def test_a_run_whose_worker_and_message_are_gone_is_set_free_and_stays_spent(
    platform_url: str, owner_url: str, store: WorkStore, spare: SpareConnection, gone: str
) -> None:
    unit = hand_in_text(platform_url)
    claim, _ = runs(store, owner_url, unit)
    rows(owner_url, gone)
    assert round_of(spare) == Reconciled(rung=0, freed=1, routed=0)
    assert rows(owner_url, "SELECT state, spent, suspect FROM learning_units") == [("waiting", 1, False)]
    assert rows(owner_url, "SELECT verdict, reason FROM learning_attempts") == [("lost", "message_gone")]
    assert store.end(claim, WORN, 0, None) == "superseded"
    assert round_of(spare) == NOTHING
    again, _ = runs(store, owner_url, unit)
    assert again.attempt == 2


def test_a_living_worker_keeps_a_run_whose_message_somebody_deleted_until_no_run_lasts_so_long(
    platform_url: str, owner_url: str, store: WorkStore, spare: SpareConnection
) -> None:
    rows(owner_url, ALIVE)
    runs(store, owner_url, hand_in_text(platform_url))
    rows(owner_url, "DELETE FROM dramatiq.queue")
    assert round_of(spare) == NOTHING
    rows(owner_url, "UPDATE learning_units SET claimed_at = claimed_at - interval '1 day'")
    assert round_of(spare) == Reconciled(rung=0, freed=1, routed=0)


def test_a_living_worker_does_not_keep_a_run_whose_message_it_rejected(
    platform_url: str, owner_url: str, store: WorkStore, spare: SpareConnection
) -> None:
    rows(owner_url, ALIVE)
    runs(store, owner_url, hand_in_text(platform_url))
    rows(owner_url, "UPDATE dramatiq.queue SET state = 'rejected', owner = NULL")
    assert round_of(spare) == Reconciled(rung=0, freed=1, routed=0)


def test_a_later_process_of_the_same_number_does_not_keep_it_either(
    platform_url: str, owner_url: str, store: WorkStore, spare: SpareConnection
) -> None:
    runs(store, owner_url, hand_in_text(platform_url))
    rows(owner_url, "DELETE FROM dramatiq.queue")
    rows(owner_url, ALIVE)
    assert round_of(spare) == Reconciled(rung=0, freed=1, routed=0)


def test_a_run_of_a_submission_that_has_ended_is_set_free_for_good(
    platform_url: str, owner_url: str, store: WorkStore, spare: SpareConnection
) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    runs(store, owner_url, page_of(unit, 1))
    rows(owner_url, "UPDATE learning_submissions SET analysis_status = 'failed', error_code = 'vision_failed'")
    rows(owner_url, "DELETE FROM dramatiq.queue")
    rows(owner_url, "UPDATE learning_units SET state = 'cancelled', ended_at = now() WHERE page = 2")
    assert round_of(spare) == Reconciled(rung=0, freed=1, routed=0)
    assert rows(owner_url, "SELECT state FROM learning_units WHERE page = 1") == [("cancelled",)]
    assert messages(owner_url) == []


def test_a_submission_without_any_unit_is_routed_by_the_one_rule(
    platform_url: str, owner_url: str, store: WorkStore, spare: SpareConnection
) -> None:
    unread, reading, readable = hand_in_files(platform_url), hand_in_files(platform_url), hand_in_files(platform_url)
    for unit in (reading, readable):
        opened(store, unit, pages=2)
        read(store, unit, 1, "eins")
    read(store, readable, 2, "zwei")
    rows(owner_url, "DELETE FROM dramatiq.queue; DELETE FROM learning_units")
    assert round_of(spare) == Reconciled(rung=0, freed=0, routed=3)
    assert rows(owner_url, "SELECT submission_id::text, step, page FROM learning_units ORDER BY step") == [
        (str(readable.submission_id), "feedback", 0),
        (str(unread.submission_id), "open", 0),
        (str(reading.submission_id), "read", 2),
    ]
    assert len(messages(owner_url)) == 3
    assert round_of(spare) == NOTHING


def test_a_case_that_somebody_works_on_is_left_for_the_next_round(
    platform_url: str, owner_url: str, spare: SpareConnection
) -> None:
    unit = hand_in_text(platform_url)
    rows(owner_url, "DELETE FROM dramatiq.queue")
    with psycopg2.connect(owner_url) as holder, holder.cursor() as cursor:
        cursor.execute("SELECT FROM learning_work WHERE submission_id = %s FOR UPDATE", (str(unit.submission_id),))
        assert round_of(spare) == NOTHING
        holder.rollback()
    holder.close()
    assert round_of(spare) == Reconciled(rung=1, freed=0, routed=0)


def test_two_rounds_at_once_ring_once(platform_url: str, owner_url: str, worker_url: str) -> None:
    for number in range(50):
        hand_in_text(platform_url, f"Text {number}")
    rows(owner_url, "DELETE FROM dramatiq.queue")
    found: list[int] = []

    def one_round() -> None:
        connection = SpareConnection(worker_url)
        found.append(round_of(connection).rung)
        connection.close()

    rounds = [threading.Thread(target=one_round) for _ in range(4)]
    for each in rounds:
        each.start()
    for each in rounds:
        each.join()
    assert sum(found) == 50
    assert len(messages(owner_url)) == 50


def test_more_than_one_statement_does_are_all_mended(platform_url: str, owner_url: str, spare: SpareConnection) -> None:
    for number in range(205):
        hand_in_text(platform_url, f"Text {number}")
    rows(owner_url, "DELETE FROM dramatiq.queue")
    assert round_of(spare) == Reconciled(rung=205, freed=0, routed=0)


def test_one_process_is_elected_for_each_period(worker_url: str, owner_url: str) -> None:
    processes = [SpareConnection(worker_url) for _ in range(3)]
    assert [each.rows("elect", period=60) for each in processes] == [[(True,)], [], []]
    rows(owner_url, "UPDATE dramatiq.chore SET next_at = now() - interval '1 second' WHERE name = 'upkeep'")
    assert [each.rows("elect", period=60) for each in reversed(processes)] == [[(True,)], [], []]
    for each in processes:
        each.close()


def test_feedback_that_waits_without_text_is_called_off_until_there_is_some(
    platform_url: str, owner_url: str, store: WorkStore, spare: SpareConnection
) -> None:
    unit = hand_in_files(platform_url, cached_text_md="gelesen")
    rows(owner_url, "UPDATE learning_submissions SET text_body = NULL")
    store.claim(feedback_of(unit), handed_out(owner_url, feedback_of(unit)))
    assert rows(owner_url, "SELECT step, state FROM learning_units ORDER BY step") == [
        ("feedback", "cancelled"),
        ("open", "waiting"),
    ]
    assert round_of(spare) == NOTHING
    opened(store, unit, pages=1)
    read(store, unit, 1, "eins")
    assert submission(owner_url, unit) == ("extracted",)
    assert messages(owner_url)[-1] == ("feedback", None, False)
