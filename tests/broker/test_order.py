"""In which order messages start, and how many at once."""

from __future__ import annotations

from pathlib import Path

import psycopg2

from postgres_queue.look import DOUBLINGS, MARGIN, Look
from tests.broker.lab import Lab

STARTS_IN_ORDER = "SELECT array_agg(key ORDER BY id) FROM trace WHERE what = 'ran'"


def test_one_thread_starts_ten_thousand_messages_of_equal_priority_in_the_order_of_enqueueing(
    lab: Lab, tmp_path: Path
) -> None:
    lab.enqueue_many(10_000, "line")
    with lab.worker(TRIAL_FILE=str(tmp_path / "lines")):
        lab.empty(within=120)
    assert (tmp_path / "lines").read_text().split() == [str(n) for n in range(1, 10_001)]


def test_a_high_priority_message_behind_a_hundred_thousand_others_starts_next(lab: Lab) -> None:
    lab.enqueue("gate", key="first")
    lab.enqueue_many(100_000)
    with lab.worker():
        lab.started("first")
        lab.enqueue("note", priority=-1, key="urgent")
        lab.open("first")
        lab.until("SELECT count(*) > 20 FROM trace WHERE what = 'ran'")
    assert lab.value("SELECT array_agg(key ORDER BY id) FROM trace WHERE what = 'ran'")[:3] == ["first", "urgent", "1"]


def test_order_holds_across_the_queues_of_a_process(lab: Lab) -> None:
    for number in range(20):
        lab.enqueue("note" if number % 2 else "elsewhere", "trial" if number % 2 else "other", key=str(number))
    with lab.worker():
        lab.empty()
    assert lab.value(STARTS_IN_ORDER) == [str(n) for n in range(20)]


def test_an_actors_priority_counts_for_messages_that_name_none(lab: Lab) -> None:
    from tests.broker.producing import trial_broker  # noqa: PLC0415

    with trial_broker(lab) as actors:
        actors.note.send("ordinary")
        actors.urgent.send("the actor's")
        actors.urgent.send_with_options(args=("the message's",), priority=5)
    with lab.worker():
        lab.empty()
    assert lab.value(STARTS_IN_ORDER) == ["the actor's", "ordinary", "the message's"]


def test_a_process_claims_one_message_for_each_of_its_threads_over_all_its_queues(lab: Lab) -> None:
    with lab.worker(threads=2):
        lab.enqueue("note", key="one queue is served")
        lab.enqueue("elsewhere", "other", key="the other, too")
        lab.ran("one queue is served")
        lab.ran("the other, too")
        for number in range(4):
            lab.enqueue("gate", key=f"gate {number}")
            lab.enqueue("elsewhere", "other", key=str(number))
        lab.started("gate 0")
        lab.ran("0")
        lab.started("gate 1")
        lab.until("SELECT count(*) = 2 FROM dramatiq.queue WHERE state = 'consumed'")
        assert lab.value("SELECT count(*) FROM dramatiq.queue WHERE state = 'queued'") == 5
        lab.open("gate 0")
        lab.ran("1")


def test_idle_threads_of_two_processes_share_the_work_at_once(lab: Lab) -> None:
    with lab.worker(processes=2):
        lab.enqueue("gate", key="a")
        lab.enqueue("gate", key="b")
        assert lab.started("a") != lab.started("b")


def test_messages_behind_many_locked_ones_are_reached(lab: Lab) -> None:
    lab.enqueue_many(500)
    stranger = psycopg2.connect(lab.owner_url)
    with stranger.cursor() as cursor:
        cursor.execute("SELECT FROM dramatiq.queue WHERE position <= 490 FOR UPDATE")
        with lab.worker():
            lab.until("SELECT count(*) = 10 FROM trace WHERE what = 'ran'")
            stranger.rollback()
            lab.empty()
    stranger.close()
    started = [int(key) for key in lab.value(STARTS_IN_ORDER)]
    assert started[:10] == [*range(491, 501)]
    # The claim that was looking when they were let go took whichever came next; all others begin with the first.
    assert started[11:] == sorted(started[11:])
    assert len(started) == 500


def test_a_claim_that_finds_everything_locked_looks_further_and_then_waits() -> None:
    look, seen = Look(), []
    while look.wait() == 0 or not seen:
        seen.append(look.rows(free=2))
        look.saw(fell_short=True)
    assert seen == [2 + MARGIN * 2**n for n in range(DOUBLINGS + 1)]
    look.saw(fell_short=False)
    assert look.wait() == float("inf")
    assert look.rows(free=2) == seen[-1]
    look.narrow()
    assert look.rows(free=2) == seen[0]
