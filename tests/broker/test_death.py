"""A dead process's messages come back within seconds; a live one keeps its own, however slow it is."""

from __future__ import annotations

import os
import signal

import psutil
import psycopg2

from postgres_queue.connection import Session, Target
from postgres_queue.presence import LOCK_PATIENCE
from tests.broker.lab import Lab

#: Longest time from a SIGKILL to the second start (s).
REDELIVERY = 5.0


def test_a_killed_workers_message_starts_elsewhere_within_five_seconds(lab: Lab) -> None:
    with lab.worker(), lab.worker():
        lab.enqueue("gate", key="a")
        victim = lab.started("a")
        killed_at = lab.value("SELECT clock_timestamp()")
        os.kill(victim, signal.SIGKILL)
        lab.until("SELECT count(*) = 2 FROM trace WHERE what = 'started'")
        took = lab.value("SELECT extract(epoch FROM max(at) - %s) FROM trace", killed_at)
        assert LOCK_PATIENCE <= took <= REDELIVERY
        assert lab.run("SELECT delivery, reason FROM dramatiq.queue") == [(2, "owner_died")]
        lab.open("a")
        lab.ran("a")
        lab.empty()


def test_nothing_is_claimed_before_the_master_knows_that_the_process_has_booted(lab: Lab) -> None:
    """A process that dies while it boots keeps Dramatiq's master waiting for half a minute, and all others with it."""
    lab.enqueue("note", key="a")
    with lab.worker(TRIAL_SLOW_BOOT="1"):
        lab.ran("a")
    assert lab.run("SELECT what FROM trace WHERE key = 'boot'") == [("unclaimed",)]


def test_a_worker_that_starts_later_rescues_what_the_dead_left(lab: Lab) -> None:
    with lab.worker() as master:
        lab.enqueue("gate", key="a")
        lab.started("a")
        master.destroy()
    lab.open("a")
    with lab.worker():
        lab.ran("a", within=REDELIVERY)
        lab.until("SELECT count(*) = 1 FROM dramatiq.worker")


def test_a_process_that_stands_still_keeps_its_message(lab: Lab) -> None:
    with lab.worker():
        lab.enqueue("gate", key="a")
        holder = lab.started("a")
        with lab.worker() as watcher:
            os.kill(holder, signal.SIGSTOP)
            lab.enqueue("note", delay=2 * LOCK_PATIENCE, key="time has passed")
            lab.ran("time has passed")
            os.kill(holder, signal.SIGCONT)
            lab.open("a")
            lab.ran("a")
            assert "queue.rescued" not in watcher.output
    assert lab.value("SELECT count(*) FROM trace WHERE key = 'a' AND what = 'started'") == 1


def test_a_killed_master_leaves_no_process_and_no_stuck_message(lab: Lab) -> None:
    with lab.worker(processes=2) as master:
        for key in ("a", "b"):
            lab.enqueue("gate", key=key)
            lab.started(key)
        workers = psutil.Process(master.pid).children()
        master.send(signal.SIGKILL)
        gone, alive = psutil.wait_procs(workers, timeout=5)
        assert len(gone) >= 2 and not alive
        lab.until("SELECT count(*) = 2 FROM dramatiq.queue WHERE state = 'queued' AND reason = 'interrupted'")
        assert lab.value("SELECT count(*) FROM dramatiq.worker") == 0


def test_a_row_of_a_dead_process_that_somebody_has_locked_comes_back_later_and_stops_nobody(lab: Lab) -> None:
    stranger = psycopg2.connect(lab.owner_url)
    with lab.worker(TRIAL_POLL_SECONDS="60"), lab.worker(TRIAL_POLL_SECONDS="60"), stranger.cursor() as cursor:
        lab.enqueue("gate", key="a")
        victim = lab.started("a")
        cursor.execute("SELECT FROM dramatiq.queue FOR UPDATE")
        os.kill(victim, signal.SIGKILL)
        lab.until("SELECT count(*) = 1 FROM dramatiq.worker")
        lab.enqueue("note", key="heard")
        lab.ran("heard")
        stranger.rollback()
        lab.open("a")
        lab.ran("a")
    stranger.close()


def test_a_claim_that_was_committed_after_its_process_died_is_found(lab: Lab) -> None:
    lab.enqueue("note", key="a")
    lab.run("UPDATE dramatiq.queue SET state = 'consumed', owner = 4711, delivery = 1")
    with lab.worker():
        lab.ran("a", within=REDELIVERY)


def test_a_rescue_asks_once_more_whether_the_owner_is_really_absent(lab: Lab) -> None:
    """The owner came back between the look and the rescue: the statement itself must not believe the look."""
    lab.enqueue("note", key="a")
    lab.run("UPDATE dramatiq.queue SET state = 'consumed', owner = 4711, delivery = 1")
    owner, rescuer = (Session(Target(lab.worker_url), "test") for _ in range(2))
    assert owner.run("take_presence", owner=4711) == [(True,)]
    assert rescuer.run("rescue", dead=4711, beat=None) == [(0, 0)]
    owner.close()
    lab.until("SELECT NOT EXISTS (SELECT FROM dramatiq.present)")
    assert rescuer.run("rescue", dead=4711, beat=None) == [(1, 1)]
    rescuer.close()
