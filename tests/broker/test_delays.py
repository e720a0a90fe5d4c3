"""Delayed messages wait in the table, and start when they are due."""

from __future__ import annotations

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
