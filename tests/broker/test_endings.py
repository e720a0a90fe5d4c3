"""What becomes of a delivery: bad messages are rejected with a reason, and only the current owner's word counts."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from postgres_queue.connection import Session, Target
from tests.broker.lab import Lab
from tests.broker.producing import trial_broker

SECRET = "Chloroplasten machen Zucker"


def _insert(lab: Lab, message: Any) -> str:
    """A row as a careless producer would write it; its id."""
    message_id = str(uuid4())
    lab.run(
        "INSERT INTO dramatiq.queue (message_id, queue_name, state, message) VALUES (%s, 'trial', 'queued', %s)",
        message_id,
        json.dumps(message),
    )
    return message_id


def _valid(**changes: Any) -> dict[str, Any]:
    return {
        "queue_name": "trial",
        "actor_name": "note",
        "args": [],
        "kwargs": {"key": SECRET},
        "options": {},
        "message_id": str(uuid4()),
        "message_timestamp": 1,
    } | changes


BAD = {
    "unknown actor": (_valid(actor_name="nobody"), "unknown_actor"),
    "no object": (SECRET, "invalid_message"),
    "null": (None, "invalid_message"),
    "list": ([SECRET], "invalid_message"),
    "no actor": ({"kwargs": {}}, "invalid_message"),
    "unknown field": (_valid(colour=SECRET), "invalid_message"),
    "arguments that are no object": (_valid(kwargs=[SECRET]), "invalid_message"),
    "options that are no object": (_valid(options=SECRET), "invalid_message"),
    "args that are no list": (_valid(args=5), "invalid_message"),
    "args that are a text": (_valid(args="a", kwargs={}), "invalid_message"),
    "throws that is no exception": (
        _valid(actor_name="broken", kwargs={"secret": SECRET}, options={"throws": SECRET}),
        "error: ValueError",
    ),
    "a list of throws": (
        _valid(actor_name="broken", kwargs={"secret": SECRET}, options={"throws": [SECRET]}),
        "error: ValueError",
    ),
    "unknown argument": (_valid(kwargs={"nokey": SECRET}), "bad_arguments: TypeError"),
    "missing argument": (_valid(kwargs={}), "bad_arguments: TypeError"),
    "actor raises": (_valid(actor_name="broken", kwargs={"secret": SECRET}), "error: ValueError"),
}


def test_bad_messages_are_rejected_with_a_reason_while_the_others_go_on(lab: Lab) -> None:
    reasons = {_insert(lab, message): reason for message, reason in BAD.values()}
    with lab.worker() as master:
        lab.until(
            "SELECT count(*) FILTER (WHERE state = 'rejected') = %s AND count(*) = %s FROM dramatiq.queue",
            *[len(BAD)] * 2,
        )
        lab.enqueue("note", key="good")  # the one thread still works
        lab.ran("good")
        lab.until("SELECT count(*) = %s FROM dramatiq.queue", len(BAD))
        assert SECRET not in master.output
    assert dict(lab.run("SELECT message_id::text, reason FROM dramatiq.queue")) == reasons


#: What Dramatiq's own middleware reads, in types that it does not expect.
ODD: dict[str, dict[str, Any]] = {
    "on_success": {"options": {"on_success": [SECRET]}},
    "an unknown on_success": {"options": {"on_success": SECRET}},
    "pipe_target": {"options": {"pipe_target": SECRET}},
    "max_age": {"options": {"max_age": SECRET}},
    "time_limit": {"options": {"time_limit": [SECRET]}},
    "notify_shutdown": {"options": {"notify_shutdown": {"a": SECRET}}},
    "timestamp": {"message_timestamp": SECRET, "options": {"max_age": 1}},
    "no timestamp": {"message_timestamp": None, "options": {"max_age": 1}},
}


def test_odd_options_do_no_harm_even_beside_dramatiqs_own_middleware(lab: Lab) -> None:
    for name, changes in ODD.items():
        _insert(lab, _valid(kwargs={"key": name}, **changes))
    with lab.worker(TRIAL_MIDDLEWARE="1") as master:
        lab.enqueue("note", key="good")
        lab.empty()
        assert SECRET not in master.output
    assert lab.value("SELECT array_agg(key ORDER BY id) FROM trace") == [*ODD, "good"]


@pytest.mark.parametrize(
    ("after", "reason"),
    [("inf", "a word"), ("1e19", "x" * 10_000), ("nan", "a word"), ("0", "NUL in HALF a word")],
    ids=["for ever", "too long", "no number", "no text"],
)
def test_a_redelivery_that_postgres_cannot_keep_stops_nothing(lab: Lab, after: str, reason: str) -> None:
    with lab.worker():
        lab.enqueue("odd_redelivery", key="odd", after=after, reason=reason)
        lab.until(
            "SELECT true FROM dramatiq.queue WHERE reason LIKE '%% a word' OR reason IN ('a word', repeat('x', 100))"
        )
        lab.enqueue("note", priority=-1, key="next")
        lab.ran("next")


def test_an_actor_that_cannot_enqueue_gets_its_message_back(lab: Lab) -> None:
    lab.run("REVOKE INSERT ON dramatiq.queue FROM learning_worker")
    with lab.worker():
        lab.enqueue("sending", key="a")
        lab.until("SELECT true FROM dramatiq.queue WHERE state = 'queued' AND reason = 'queue_unavailable'")
        lab.run("GRANT INSERT ON dramatiq.queue TO learning_worker")
        lab.ran("a")
        lab.empty()


@pytest.mark.parametrize("eta", ['"soon"', "1e400", "-5", "null"])
def test_an_odd_due_time_never_keeps_a_producer_from_enqueueing(lab: Lab, eta: str) -> None:
    lab.run(
        "INSERT INTO dramatiq.queue (message_id, queue_name, state, message)"
        " VALUES (gen_random_uuid(), 'trial.DQ', 'queued', %s)",
        json.dumps(_valid()).replace('"options": {}', f'"options": {{"eta": {eta}}}'),
    )
    assert lab.value("SELECT queue_name FROM dramatiq.queue") == "trial"


def test_a_message_whose_payload_names_another_id_and_queue_is_ended_as_the_row_says(lab: Lab) -> None:
    with lab.worker():
        _insert(lab, _valid(queue_name="somewhere", kwargs={"key": "odd"}))
        lab.ran("odd")
        lab.empty()


def test_a_rejected_message_that_is_queued_again_runs_again(lab: Lab) -> None:
    with lab.worker():
        _insert(lab, _valid(actor_name="nobody", kwargs={"key": "mended"}))
        lab.until("SELECT count(*) FROM dramatiq.queue WHERE state = 'rejected'")
        lab.run(
            """UPDATE dramatiq.queue SET message = jsonb_set(message, '{actor_name}', '"note"'), state = 'queued'"""
        )
        lab.ran("mended")
        lab.empty()


@pytest.fixture
def session(lab: Lab) -> Session:
    """Speaks to the queue as a dispatcher does."""
    return Session(Target(lab.worker_url), "test")


def _turn(session: Session, owner: int, done: list[tuple[str, int]] | None = None, free: int = 1) -> Any:
    ids, numbers = ([each[0] for each in done or []], [each[1] for each in done or []])
    return session.run(
        "turn", owner=owner, done_ids=ids, done_deliveries=numbers, queues=["trial"], look=free + 32, free=free
    )


ENDINGS = {
    "turn": {"queues": [], "look": 0, "free": 0},
    "put_back": {"afters": [0.0], "reasons": ["late"]},
    "reject": {"reasons": ["late"]},
}


@pytest.mark.parametrize("statement", ENDINGS)
@pytest.mark.parametrize(("owner", "number"), [(1, 2), (2, 1)], ids=["an older delivery's owner", "an older number"])
def test_an_ending_for_another_owner_or_number_changes_nothing(
    lab: Lab, session: Session, statement: str, owner: int, number: int
) -> None:
    message_id = lab.enqueue("note", key="a")
    _turn(session, 1)
    session.run("put_back", owner=1, ids=[message_id], deliveries=[1], afters=[0.0], reasons=["test"])
    _turn(session, 2)
    before = lab.run("SELECT * FROM dramatiq.queue")
    keys = ("done_ids", "done_deliveries") if statement == "turn" else ("ids", "deliveries")
    session.run(statement, owner=owner, **{keys[0]: [message_id], keys[1]: [number]}, **ENDINGS[statement])
    assert lab.run("SELECT * FROM dramatiq.queue") == before


def test_two_deliveries_of_a_message_that_end_in_one_turn_count_as_the_last(lab: Lab) -> None:
    """The process lost the first delivery, and then got the message again."""
    blocker = psycopg2.connect(lab.owner_url)
    with lab.worker(threads=2, TRIAL_POLL_SECONDS="0.5") as master, blocker.cursor() as cursor:
        lab.enqueue("each_delivery", key="a", ends="done")
        lab.started("a")
        lab.run("UPDATE dramatiq.queue SET state = 'queued', owner = NULL")
        lab.until("SELECT count(*) = 2 FROM trace WHERE what = 'started'")
        cursor.execute("LOCK TABLE dramatiq.queue")
        lab.until("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'dramatiq.queue'::regclass")
        for number in (1, 2):
            lab.open(f"a {number}")
            lab.until("SELECT true FROM trace WHERE what = 'ran' AND delivery = %s", number)
        blocker.rollback()
        lab.empty()
        master.says("queue.superseded")
        assert "reply_lost" not in master.output
    blocker.close()
    assert lab.value("SELECT count(*) FROM trace WHERE what = 'started'") == 2


@pytest.mark.parametrize("ends", ["done", "put back", "rejected"])
def test_an_ending_waits_for_a_lock_on_its_row_and_nothing_else_does(lab: Lab, ends: str) -> None:
    """Whoever enqueues a running message again holds its row until his transaction ends."""
    stranger = psycopg2.connect(lab.worker_url)
    with lab.worker(TRIAL_POLL_SECONDS="1") as master, stranger.cursor() as cursor, trial_broker(lab) as actors:
        message = actors.each_delivery.send("a", ends)
        lab.started("a")
        actors.broker.enqueue_in(cursor, message)
        lab.open("a 1")
        for key in ("next", "and the one after"):
            lab.enqueue("note", key=key)
            lab.ran(key)
        assert lab.run(
            "SELECT state::text, delivery FROM dramatiq.queue WHERE message_id = %s", message.message_id
        ) == [("consumed", 1)]
        stranger.commit()
        if ends == "put back":
            lab.open("a 2")
        lab.until("SELECT NOT EXISTS (SELECT FROM dramatiq.queue WHERE state <> 'rejected')")
        assert "queue.superseded" not in master.output
        assert "reply_lost" not in master.output
    stranger.close()
    assert lab.value("SELECT count(*) FROM trace WHERE what = 'started'") == (2 if ends == "put back" else 1)
    assert lab.value("SELECT count(*) FROM dramatiq.queue") == (1 if ends == "rejected" else 0)


def test_two_processes_that_claim_at_once_never_get_the_same_message(lab: Lab, session: Session) -> None:
    lab.enqueue_many(4)
    blocker = Session(Target(lab.worker_url), "test")
    with blocker.connection().cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "UPDATE dramatiq.queue SET state = 'consumed', owner = 1 WHERE position IN"
            " (SELECT position FROM dramatiq.queue ORDER BY position LIMIT 2)"
        )
        taken = [row[2] for row in _turn(session, 2, free=4)]
        cursor.execute("COMMIT")
    assert taken == [
        row[0] for row in lab.run("SELECT message_id::text FROM dramatiq.queue WHERE owner = 2 ORDER BY position")
    ]
    assert len(taken) == 2
    blocker.close()
    session.close()
