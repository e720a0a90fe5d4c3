"""A queue that a process claims nothing from for a while."""

from __future__ import annotations

from tests.broker.lab import Lab

ACTORS = "tests.broker.pausing_actors"
WAITING = "SELECT count(*) FROM dramatiq.queue WHERE state = 'queued' AND queue_name = 'trial'"


def test_nothing_is_claimed_from_a_paused_queue_and_the_other_queues_go_on(lab: Lab) -> None:
    with lab.worker(threads=2, module=ACTORS):
        lab.enqueue("pause", "other", key="paused")
        lab.ran("paused")
        lab.enqueue_many(100)
        lab.enqueue("elsewhere", "other", key="goes on")
        lab.ran("goes on")
        assert lab.value(WAITING) == 100


def test_what_is_in_hand_when_its_queue_is_paused_comes_to_its_end(lab: Lab) -> None:
    with lab.worker(threads=2, module=ACTORS):
        lab.enqueue("gate", key="in hand")
        lab.started("in hand")
        lab.enqueue("pause", "other", key="paused")
        lab.ran("paused")
        lab.open("in hand")
        lab.ran("in hand")


def test_a_queue_is_worked_again_at_once_when_its_pause_ends(lab: Lab) -> None:
    with lab.worker(threads=2, module=ACTORS, TRIAL_POLL_SECONDS="60"):
        lab.enqueue("pause", "other", key="paused")
        lab.ran("paused")
        lab.enqueue("note", key="waits")
        lab.enqueue("resume", "other", key="resumed")
        lab.ran("resumed")
        lab.ran("waits", within=30)
