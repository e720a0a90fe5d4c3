"""The life of a submission as the database enforces it, through the worker's own role."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from submissions.errors import (
    AnswerFault,
    Fault,
    FileMissing,
    InputFault,
    Interrupted,
    OpenerFault,
    ServerAway,
    ServerFault,
    StoreAway,
    StoreRefused,
    Unexpected,
)
from submissions.lifecycle import ErrorCode, Step
from submissions.store.requeueing import Act, carry_out
from submissions.store.work import Claim, NoClaim, Unit, WorkStore
from submissions.verdict import Outcome, Verdict
from submissions.vision.marks import marked
from tests.factories import (
    STUDENT,
    claimed,
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

ANALYSIS = {"schema": "criteria.v2", "criteria_results": []}
WORN = AnswerFault("answer_not_json", "no JSON").verdict()
AWAY = ServerAway("server_away", "away").verdict()
BROKEN = InputFault("corrupt", "damaged", ErrorCode.INPUT_CORRUPT)


@pytest.fixture
def store(worker_url: str) -> WorkStore:
    return work_store(worker_url)


def finish(store: WorkStore, claim: Claim) -> bool:
    return store.store_feedback(
        claim, "Gut.", ANALYSIS, model="pen", prompt_version="v1", parse_status="parsed_structured", cost={}, details={}
    )


def test_a_typed_text_goes_straight_to_feedback(platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_text(platform_url)
    assert messages(owner_url) == [("feedback", None, False)]
    assert finish(store, claimed(store, unit))
    assert submission(owner_url, unit, "analysis_status, feedback_md, analysis_json, completed_at IS NOT NULL") == (
        "completed",
        "Gut.",
        ANALYSIS,
        True,
    )


def test_files_are_opened_then_read_page_by_page_then_judged(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_files(platform_url)
    assert messages(owner_url) == [("vision", None, False)]
    opened(store, unit, pages=3)
    assert messages(owner_url)[1:] == [("vision", 1, False), ("vision", 2, False), ("vision", 3, False)]
    read(store, unit, 3, "drei")
    read(store, unit, 1, "eins")
    assert submission(owner_url, unit) == ("pending",)
    read(store, unit, 2, "zwei")
    assert submission(owner_url, unit, "analysis_status, text_body, vision_attempts") == (
        "extracted",
        "eins\n\nzwei\n\ndrei",
        1,
    )
    assert messages(owner_url)[4:] == [("feedback", None, False)]


def test_a_unit_is_run_by_one_message_at_a_time(platform_url: str, store: WorkStore) -> None:
    unit = hand_in_text(platform_url)
    claimed(store, unit)
    assert store.claim(unit, str(uuid4())) == NoClaim("over")


def test_the_same_message_again_means_that_its_run_is_over(platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_text(platform_url)
    message = str(uuid4())
    first = claimed(store, unit, message)
    second = claimed(store, unit, message)
    assert (second.number, second.attempt) == (first.number + 1, 1)
    assert not finish(store, first)
    assert store.end(first, WORN, 0, None) == "superseded"
    assert finish(store, second)
    assert rows(owner_url, "SELECT claim, verdict, reason FROM learning_attempts ORDER BY claim") == [
        (1, "lost", "interrupted"),
        (2, "done", None),
    ]


def test_an_ending_that_is_said_again_because_the_reply_was_lost_changes_nothing(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_text(platform_url)
    retried = claimed(store, unit)
    assert [store.end(retried, WORN, 0, None) for _ in range(2)] == ["waiting", "waiting"]
    assert len(messages(owner_url)) == 2
    stored = claimed(store, unit)
    assert [finish(store, stored) for _ in range(2)] == [True, True]
    assert not finish(store, retried)
    assert submission(owner_url, unit, "analysis_status, vision_attempts") == ("completed", 0)


def test_a_retry_counts_and_waits_for_its_own_time(platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_text(platform_url)
    assert store.end(claimed(store, unit), WORN, 600, ErrorCode.FEEDBACK_FAILED) == "waiting"
    assert submission(owner_url, unit, "analysis_status, error_code, feedback_last_error, vision_attempts") == (
        "pending",
        "feedback_retrying",
        "no JSON",
        0,
    )
    assert messages(owner_url)[1:] == [("feedback", None, True)]
    # The first message, delivered once more because its acknowledgement was lost, must not run ahead of the wait.
    assert store.claim(unit, str(uuid4())) == NoClaim("over")


def test_the_last_retry_fails_the_submission_with_its_stage(platform_url: str, owner_url: str, worker_url: str) -> None:
    store = work_store(worker_url, max_attempts=2)
    unit = hand_in_text(platform_url)
    assert store.end(claimed(store, unit), WORN, 0, ErrorCode.FEEDBACK_FAILED) == "waiting"
    assert store.end(claimed(store, unit), WORN, 0, ErrorCode.FEEDBACK_FAILED) == "failed"
    assert submission(owner_url, unit, "analysis_status, error_code, feedback_last_error") == (
        "failed",
        "feedback_failed",
        "no JSON",
    )
    assert rows(owner_url, "SELECT reason FROM learning_work") == [("answer_not_json",)]


def test_a_snooze_gives_its_attempt_back_and_the_claim_still_grows(
    platform_url: str, owner_url: str, worker_url: str
) -> None:
    store = work_store(worker_url, max_attempts=1)
    unit = hand_in_text(platform_url)
    for number in (1, 2, 3):
        claim = claimed(store, unit)
        assert (claim.number, claim.attempt) == (number, 1)
        assert store.end(claim, Interrupted().verdict(), 0, None) == "waiting"
    assert submission(owner_url, unit, "analysis_status, error_code") == ("pending", None)


def test_what_is_only_put_off_fails_when_that_has_lasted_too_long(
    platform_url: str, owner_url: str, worker_url: str
) -> None:
    store = work_store(worker_url, max_wait=timedelta(hours=1))
    unit = hand_in_text(platform_url)
    put_off(store, owner_url, unit)
    rows(owner_url, "UPDATE learning_units SET put_off_since = now() - interval '61 minutes'")
    assert store.end(claimed(store, unit), AWAY, 15, ErrorCode.FEEDBACK_FAILED) == "failed"
    assert submission(owner_url, unit, "analysis_status, error_code") == ("failed", "feedback_failed")


def test_the_age_of_a_submission_alone_fails_nothing(platform_url: str, owner_url: str, worker_url: str) -> None:
    store = work_store(worker_url, max_wait=timedelta(hours=1))
    unit = hand_in_text(platform_url)
    rows(owner_url, "UPDATE learning_work SET accepted_at = now() - interval '3 days'")
    put_off(store, owner_url, unit)
    assert store.end(claimed(store, unit), AWAY, 15, ErrorCode.FEEDBACK_FAILED) == "waiting"


def test_an_attempt_that_counts_ends_a_time_of_being_put_off(
    platform_url: str, owner_url: str, worker_url: str
) -> None:
    store = work_store(worker_url, max_wait=timedelta(hours=1))
    unit = hand_in_text(platform_url)
    put_off(store, owner_url, unit)
    rows(owner_url, "UPDATE learning_units SET put_off_since = now() - interval '61 minutes'")
    assert store.end(claimed(store, unit), WORN, 0, None) == "waiting"
    assert store.end(claimed(store, unit), AWAY, 15, ErrorCode.FEEDBACK_FAILED) == "waiting"


def put_off(store: WorkStore, owner_url: str, unit: Unit) -> None:
    """Snooze a unit once; it is due again at once."""
    assert store.end(claimed(store, unit), AWAY, 15, ErrorCode.FEEDBACK_FAILED) == "waiting"
    rows(owner_url, "UPDATE learning_units SET due_at = now()")


def test_a_document_that_cannot_be_opened_fails_at_once(platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_files(platform_url)
    assert store.end(claimed(store, unit), BROKEN.verdict(), 0, BROKEN.error_code) == "failed"
    assert submission(owner_url, unit, "analysis_status, error_code") == ("failed", "input_corrupt")


def give_up(store: WorkStore, unit: Unit, page: int, fault: Fault = BROKEN) -> str:
    return store.end(claimed(store, page_of(unit, page)), fault.verdict(), 0, fault.error_code)


def test_one_bad_page_costs_one_page(platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=3)
    read(store, unit, 1, "eins")
    assert give_up(store, unit, 2) == "given_up"
    assert submission(owner_url, unit, "analysis_status, text_body") == ("pending", None)
    assert store.claim(page_of(unit, 2), str(uuid4())) == NoClaim("over")
    read(store, unit, 3, "drei")
    assert submission(owner_url, unit, "analysis_status, error_code, text_body, internal_metadata") == (
        "extracted",
        None,
        "eins\n\n[unleserlich]\n\ndrei",
        {"unreadable_pages": {"2": "corrupt"}},
    )
    assert rows(owner_url, "SELECT page FROM learning_pages WHERE text_md IS NULL") == [(2,)]
    assert finish(store, claimed(store, feedback_of(unit)))


def test_the_last_page_to_end_may_be_the_bad_one(platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    read(store, unit, 2, "zwei")
    assert give_up(store, unit, 1) == "given_up"
    assert submission(owner_url, unit, "analysis_status, text_body") == ("extracted", "[unleserlich]\n\nzwei")


def test_a_page_that_is_given_up_twice_because_the_first_reply_was_lost_is_so_once(
    platform_url: str, store: WorkStore
) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    claim = claimed(store, page_of(unit, 1))
    endings = [store.end(claim, BROKEN.verdict(), 0, BROKEN.error_code) for _ in range(2)]
    assert endings == ["given_up", "given_up"]


@pytest.mark.parametrize("fault", [OpenerFault("opener_died", "died"), ServerFault("runner_died", "crashed")])
def test_a_page_is_given_up_only_with_its_last_attempt(
    platform_url: str, owner_url: str, worker_url: str, fault: Fault
) -> None:
    store = work_store(worker_url, max_attempts=2)
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    assert [give_up(store, unit, 1, fault) for _ in range(2)] == ["waiting", "given_up"]
    read(store, unit, 2, "zwei")
    assert submission(owner_url, unit, "analysis_status, error_code") == ("extracted", None)


def test_a_submission_of_which_no_page_can_be_read_fails_with_what_the_last_one_met(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    large = InputFault("too_many_pixels", "large", ErrorCode.INPUT_TOO_LARGE)
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    assert [give_up(store, unit, 1), give_up(store, unit, 2, large)] == ["given_up", "failed"]
    assert submission(owner_url, unit, "analysis_status, error_code, vision_last_error") == (
        "failed",
        "input_too_large",
        "large",
    )
    assert rows(owner_url, "SELECT reason FROM learning_work") == [("too_many_pixels",)]


def test_pages_that_were_given_up_are_tried_again_when_an_admin_requeues(
    platform_url: str, owner_url: str, admin_url: str, store: WorkStore
) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    for page in (1, 2):
        give_up(store, unit, page)
    list(carry_out(admin_url, Act.REQUEUE, [unit.submission_id], "ada", "the opener got more memory"))
    for page, text in ((1, "eins"), (2, "zwei")):
        read(store, unit, page, text)
    assert submission(owner_url, unit, "text_body, internal_metadata") == ("eins\n\nzwei", {})


@pytest.mark.parametrize("fault", [FileMissing("file_changed", "another"), Unexpected(ValueError())])
def test_what_is_no_page_s_doing_fails_the_submission(
    platform_url: str, owner_url: str, worker_url: str, fault: Fault
) -> None:
    store = work_store(worker_url, max_attempts=1)
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    assert give_up(store, unit, 1, fault) == "failed"
    assert rows(owner_url, "SELECT reason FROM learning_work") == [(fault.reason,)]


@pytest.mark.parametrize("language", ["de", "en", "fr"])
def test_the_mark_of_a_page_is_the_same_wherever_it_is_set(owner_url: str, language: str) -> None:
    assert rows(owner_url, "SELECT learning_illegible(%s)", language) == [(marked("", language),)]


@pytest.mark.parametrize("verdict", [WORN, AWAY, BROKEN.verdict()])
def test_a_page_that_still_runs_when_another_has_failed_the_submission_is_called_off_at_its_end(
    platform_url: str, owner_url: str, store: WorkStore, verdict: Verdict
) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    running = claimed(store, page_of(unit, 2))
    gone = Verdict(Outcome.DISCARD, "gone", "it is gone")
    assert store.end(claimed(store, page_of(unit, 1)), gone, 0, ErrorCode.INPUT_CORRUPT) == "failed"
    assert store.end(running, verdict, 0, None) == "cancelled"
    assert submission(owner_url, unit, "analysis_status, error_code") == ("failed", "input_corrupt")
    assert rows(owner_url, "SELECT count(*) FROM learning_units WHERE state = 'waiting'") == [(0,)]


def test_a_page_that_fails_beside_text_from_elsewhere_fails_nobody(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=1)
    reading = claimed(store, page_of(unit, 1))
    assert isinstance(store.claim(feedback_of(unit), str(uuid4()), "schon gelesen"), Claim)
    assert store.end(reading, BROKEN.verdict(), 0, BROKEN.error_code) == "cancelled"
    assert submission(owner_url, unit, "analysis_status, error_code") == ("extracted", None)


def test_text_that_comes_with_the_message_is_judged_and_pages_are_called_off(
    platform_url: str, owner_url: str, store: WorkStore
) -> None:
    unit = hand_in_files(platform_url)
    claim = store.claim(feedback_of(unit), str(uuid4()), "schon gelesen")
    assert isinstance(claim, Claim)
    assert store.load_text(claim.unit).text_md == "schon gelesen"
    assert submission(owner_url, unit, "analysis_status, text_body") == ("extracted", "schon gelesen")
    assert rows(owner_url, "SELECT state FROM learning_units WHERE step = 'open'") == [("cancelled",)]
    assert store.claim(unit, str(uuid4())) == NoClaim("over")


def test_text_that_comes_with_the_message_replaces_nothing(platform_url: str, store: WorkStore) -> None:
    unit = hand_in_text(platform_url, "mein Text")
    claim = store.claim(unit, str(uuid4()), "ein anderer")
    assert isinstance(claim, Claim)
    assert store.load_text(claim.unit).text_md == "mein Text"


def test_feedback_without_text_rings_for_vision(platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_files(platform_url)
    rows(owner_url, "DELETE FROM dramatiq.queue; DELETE FROM learning_units")
    rows(owner_url, "UPDATE learning_submissions SET analysis_status = 'extracted'")
    assert store.claim(feedback_of(unit), str(uuid4())) == NoClaim("routed")
    assert messages(owner_url) == [("vision", None, False)]


def test_pages_that_are_all_read_are_text_that_exists(platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=1)
    read(store, unit, 1, "eins")
    rows(owner_url, "UPDATE learning_submissions SET text_body = NULL; DELETE FROM dramatiq.queue")
    assert isinstance(store.claim(feedback_of(unit), str(uuid4())), Claim)
    assert messages(owner_url) == []


def test_another_pupils_name_opens_nothing(platform_url: str, store: WorkStore) -> None:
    unit = hand_in_text(platform_url)
    stranger = Unit(unit.submission_id, "pupil-2", unit.step)
    assert store.claim(stranger, str(uuid4())) == NoClaim("unknown")
    claim = claimed(store, unit)
    assert not finish(store, Claim(stranger, claim.number, claim.attempt))
    assert finish(store, claim)


def test_the_last_two_pages_stored_at_once_make_one_feedback_message(
    platform_url: str, owner_url: str, worker_url: str, store: WorkStore
) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=2)
    claims = [claimed(store, page_of(unit, page)) for page in (1, 2)]
    holder = psycopg2.connect(worker_url)
    with holder, holder.cursor() as cursor:
        cursor.execute("SELECT set_config('app.current_sub', %s, true)", (STUDENT,))
        cursor.execute(
            "SELECT learning_store_page(%s, 1, %s, 'eins', 'eye', 'v1', '{}')",
            (str(unit.submission_id), claims[0].number),
        )
        # The other page's transaction has to wait for the work row, and then sees this page stored.
        with psycopg2.connect(worker_url) as other, other.cursor() as waiting:
            waiting.execute("SET lock_timeout = '200ms'")
            waiting.execute("SELECT set_config('app.current_sub', %s, false)", (STUDENT,))
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                waiting.execute(
                    "SELECT learning_store_page(%s, 2, %s, 'zwei', 'eye', 'v1', '{}')",
                    (str(unit.submission_id), claims[1].number),
                )
        other.close()
    holder.close()
    assert store.store_page(claims[1], "zwei", "eye", "v1", {})
    assert [queue for queue, _, _ in messages(owner_url)].count("feedback") == 1


def test_a_database_that_takes_no_writes_for_now_is_away_and_refuses_nothing(
    platform_url: str, worker_url: str
) -> None:
    """As a standby does until it has taken the place of the primary."""
    read_only = work_store(make_dsn(worker_url, options="-c default_transaction_read_only=on"))
    with pytest.raises(StoreAway):
        read_only.claim(hand_in_text(platform_url), str(uuid4()))


def test_an_argument_that_is_no_value_for_postgres_is_refused_not_taken_for_an_outage(store: WorkStore) -> None:
    unit = Unit(uuid4(), {"sub": "a stranger's message"}, Step.FEEDBACK)  # type: ignore[arg-type]
    with pytest.raises(StoreRefused):
        store.claim(unit, str(uuid4()))
