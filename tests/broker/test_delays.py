"""Delayed messages wait in the table, and start when they are due."""

from __future__ import annotations

import psycopg2

from postgres_queue.connection import Session, Target
from postgres_queue.delays import BATCH, Delays
from tests.broker.lab import Lab

#: How late a message may start (s) on a busy machine: later than half the safety net's pause would mean that nobody
#: but the safety net found it. How late they are on a quiet one is measured, not tested.
TOLERANCE = 2.5

LATEST_START = """
SELECT max(extract(epoch FROM t.at) - p.due) FROM trace t JOIN promised p USING (key) WHERE t.what = 'ran'
"""


def _promise(lab: Lab) -> None:
    """Remember when each queued message is due."""
    lab.run(
        "CREATE TABLE promised AS SELECT message -> 'kwargs' ->> 'key' AS key, extract(epoch FROM due_at) AS due"
        " FROM dramatiq.queue"
    )


def test_delayed_messages_start_at_their_time_and_not_at_the_next_look(lab: Lab) -> None:
    with lab.worker(threads=2):
        lab.run(
            "SELECT dramatiq.enqueue('trial', 'note', jsonb_build_object('key', n::text),"
            " make_interval(secs => 1 + n / 60.0)) FROM generate_series(1, 300) AS n"
        )
        _promise(lab)
        assert lab.value("SELECT count(*) FROM dramatiq.queue WHERE delayed AND state = 'queued'") == 300
        lab.empty()
    assert lab.value("SELECT min(extract(epoch FROM t.at) - p.due) FROM trace t JOIN promised p USING (key)") >= 0
    assert lab.value(LATEST_START) < TOLERANCE


def test_a_message_that_is_due_earlier_than_all_known_ones_is_not_overlooked(lab: Lab) -> None:
    with lab.worker():
        lab.enqueue("note", delay=60, key="late")
        lab.enqueue("note", delay=0.5, key="early")
        _promise(lab)
        lab.ran("early")
    assert lab.value(LATEST_START) < TOLERANCE


def test_messages_that_fell_due_while_no_worker_ran_start_with_the_next_one(lab: Lab) -> None:
    lab.enqueue("note", delay=0.1, key="overdue")
    lab.until("SELECT due_at < now() FROM dramatiq.queue")
    with lab.worker():
        lab.ran("overdue")


def test_delayed_messages_take_no_thread_from_those_that_are_ready(lab: Lab) -> None:
    for number in range(5):
        lab.enqueue("note", delay=60, priority=-5, key=f"later {number}")
    lab.enqueue("note", key="now")
    with lab.worker():
        lab.ran("now")
    assert lab.value("SELECT count(*) FROM dramatiq.queue WHERE delayed AND owner IS NULL") == 5


def test_an_actor_that_asks_to_be_delivered_again_is_not_rejected(lab: Lab) -> None:
    with lab.worker():
        lab.enqueue("again", key="a", after=0.3)
        lab.ran("a")
        lab.empty()
    assert lab.run("SELECT what, delivery FROM trace ORDER BY id") == [("started", 1), ("started", 2), ("ran", 2)]
    assert lab.value("SELECT extract(epoch FROM max(at) - min(at)) FROM trace WHERE what = 'started'") >= 0.3


def test_a_process_that_hears_no_bell_and_is_never_idle_starts_delayed_messages_too(lab: Lab) -> None:
    with lab.worker(TRIAL_LISTEN="0", TRIAL_POLL_SECONDS="0.5"):
        lab.enqueue("chain")
        lab.until("SELECT max(delivery) > 0 FROM dramatiq.queue")
        lab.enqueue("note", delay=0.3, priority=-1, key="a")
        lab.ran("a")


def test_a_process_that_hears_no_bell_knows_the_delays_that_its_own_actors_asked_for(lab: Lab) -> None:
    lab.enqueue("again", key="a", after=0.3)
    with lab.worker(TRIAL_LISTEN="0", TRIAL_POLL_SECONDS="60"):
        lab.ran("a")


def test_what_another_process_had_locked_when_it_fell_due_is_not_forgotten(lab: Lab) -> None:
    """That process died then, and nothing rings for what it did not do."""
    with lab.worker(TRIAL_POLL_SECONDS="0.5"):
        lab.enqueue("chain")
        lab.enqueue("note", delay=0.5, priority=-1, key="a")
        dead = psycopg2.connect(lab.owner_url)
        with dead.cursor() as cursor:
            cursor.execute("SELECT FROM dramatiq.queue WHERE delayed FOR UPDATE")
            lab.enqueue("note", delay=1, priority=-1, key="b")
            lab.ran("b")
        dead.close()
        lab.ran("a")


def test_a_long_past_is_made_ready_batch_by_batch(lab: Lab) -> None:
    lab.run(
        "SELECT dramatiq.enqueue('trial', 'note', '{}', interval '1 ms') FROM generate_series(1, %s)", 2 * BATCH + 1
    )
    session, delays, ready = Session(Target(lab.worker_url), "test"), Delays(), []
    for _ in range(4):
        delays.promote(session)
        ready.append(lab.value("SELECT count(*) FROM dramatiq.queue WHERE NOT delayed"))
        if delays.wait() > 0:
            break
    session.close()
    assert ready == [BATCH, 2 * BATCH, 2 * BATCH + 1]
