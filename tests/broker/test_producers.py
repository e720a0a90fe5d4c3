"""Everything that enqueues: our broker, the SQL function, stock dramatiq-pg."""

from __future__ import annotations

import psycopg2
import pytest

from postgres_queue import UnstorableMessage
from tests.broker.lab import Lab
from tests.broker.producing import stock_broker, trial_broker


def test_stock_dramatiq_pg_enqueues_for_our_workers(lab: Lab) -> None:
    with lab.worker(), stock_broker(lab) as stock:
        stock.get_actor("note").send("from stock")
        lab.ran("from stock")
        lab.empty()


def test_a_delay_of_stock_dramatiq_pg_waits_in_the_table(lab: Lab) -> None:
    with lab.worker(), stock_broker(lab) as stock:
        stock.get_actor("note").send_with_options(args=("later",), delay=700)
        assert lab.run("SELECT queue_name, delayed, state::text, owner FROM dramatiq.queue") == [
            ("trial", True, "queued", None)
        ]
        lab.ran("later")
        lab.empty()
    assert lab.value("SELECT count(*) FROM trace") == 1


def test_stock_enqueueing_a_running_message_again_makes_no_second_delivery(lab: Lab) -> None:
    with lab.worker(threads=2), stock_broker(lab) as stock, trial_broker(lab) as actors:
        message = actors.gate.send("a")
        lab.started("a")
        stock.enqueue(message)
        stock.enqueue(message, delay=10)
        lab.enqueue("note", key="another")
        lab.ran("another")
        row = lab.run("SELECT state::text, delivery FROM dramatiq.queue WHERE message_id = %s", message.message_id)
        assert row == [("consumed", 1)]
        lab.open("a")
        lab.empty()
    assert lab.value("SELECT count(*) FROM trace WHERE key = 'a' AND what = 'started'") == 1


def test_enqueueing_a_queued_message_again_keeps_one_row_and_its_place(lab: Lab) -> None:
    with trial_broker(lab) as actors, stock_broker(lab) as stock:
        first = actors.note.send("first")
        actors.note.send("second")
        actors.broker.enqueue(first)
        stock.enqueue(first)
        actors.broker.enqueue_many([first, first])
        assert lab.value("SELECT count(*) FROM dramatiq.queue") == 2
    with lab.worker():
        lab.empty()
    assert lab.value("SELECT array_agg(key ORDER BY id) FROM trace") == ["first", "second"]


def test_enqueue_in_follows_the_callers_transaction(lab: Lab) -> None:
    with trial_broker(lab) as actors, lab.worker(TRIAL_POLL_SECONDS="60"):
        connection = psycopg2.connect(lab.worker_url)
        with connection.cursor() as cursor:
            actors.broker.enqueue_in(cursor, actors.note.message("undone"))
            connection.rollback()
            actors.broker.enqueue_in(cursor, actors.note.message("committed"))
            assert lab.value("SELECT count(*) FROM dramatiq.queue") == 0
            connection.commit()
        connection.close()
        lab.ran("committed", within=30)
        lab.empty()
    assert lab.value("SELECT count(*) FROM trace") == 1


def test_a_batch_is_enqueued_in_its_order_with_one_commit(lab: Lab) -> None:
    with trial_broker(lab) as actors:
        actors.broker.enqueue_many(actors.note.message(str(n)) for n in range(500))
    assert lab.value("SELECT count(DISTINCT xmin::text) FROM dramatiq.queue") == 1
    with lab.worker():
        lab.empty()
    assert lab.value("SELECT array_agg(key ORDER BY id) FROM trace") == [str(n) for n in range(500)]


@pytest.mark.parametrize("text", ["a\x00b", "half a pair \ud800"], ids=["NUL", "surrogate"])
def test_an_argument_that_postgres_cannot_store_is_refused_in_the_caller(lab: Lab, text: str) -> None:
    connection = psycopg2.connect(lab.worker_url)
    with trial_broker(lab) as actors, connection, connection.cursor() as cursor:
        for enqueue in (actors.note.send, lambda value: actors.broker.enqueue_in(cursor, actors.note.message(value))):
            with pytest.raises(UnstorableMessage) as refusal:
                enqueue(text)
            assert text not in str(refusal.value)
        cursor.execute("SELECT 'the transaction is still usable'")
    connection.close()
    assert lab.value("SELECT count(*) FROM dramatiq.queue") == 0


def test_a_number_that_json_does_not_know_is_refused_in_the_caller(lab: Lab) -> None:
    with trial_broker(lab) as actors, pytest.raises(UnstorableMessage, match="NaN"):
        actors.again.send("a", float("nan"))


@pytest.mark.parametrize(
    "text", ["\\u0000", "Grüße, \\ud800, NaN und 😀", "x" * 200_000], ids=["NUL", "umlauts", "long"]
)
def test_text_that_only_looks_unstorable_arrives_as_it_was(lab: Lab, text: str) -> None:
    with trial_broker(lab) as actors:
        actors.size.send(text)
    with lab.worker():
        lab.ran(str(len(text)))


def test_the_sql_function_refuses_what_is_no_message(lab: Lab) -> None:
    for queue, actor, arguments in (("", "note", "{}"), ("trial", "", "{}"), ("trial", "note", "[1]")):
        with pytest.raises(psycopg2.errors.InvalidParameterValue):
            lab.run("SELECT dramatiq.enqueue(%s, %s, %s::jsonb)", queue, actor, arguments)


def test_a_producer_outlives_the_loss_of_its_connection(lab: Lab) -> None:
    with trial_broker(lab) as actors:
        actors.note.send("before")
        lab.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%% sender'")
        actors.note.send("after")
    assert lab.value("SELECT count(*) FROM dramatiq.queue") == 2
