"""Connections that break, and servers that restart: workers go on by themselves, and only with what is still theirs."""

from __future__ import annotations

import os
import signal

from tests.broker.lab import Lab
from tests.own_server import OwnServer

#: Longest time until a worker is at work again (s).
BACK = 5.0

EVERYTHING_BUT_US = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'learning_worker'"


def test_a_worker_whose_connections_are_all_terminated_finishes_what_it_holds(lab: Lab) -> None:
    with lab.worker(threads=2) as master:
        lab.enqueue("gate", key="a")
        lab.started("a")
        lab.run(EVERYTHING_BUT_US)
        lab.enqueue("note", key="next")
        lab.ran("next", within=BACK)
        lab.open("a")
        lab.empty()
        assert "still_ours=1 lost=0" in master.output
        assert "Restarting consumer" not in master.output
    assert lab.value("SELECT count(*) FROM trace WHERE key = 'a' AND what = 'started'") == 1


def test_an_ending_that_meets_a_broken_connection_is_written_all_the_same(lab: Lab) -> None:
    with lab.worker():
        for round_ in range(5):
            lab.enqueue("gate", key=str(round_))
            lab.started(str(round_))
            lab.run(EVERYTHING_BUT_US)
            lab.open(str(round_))
            lab.empty(within=BACK)
    assert lab.value("SELECT count(*) FROM trace WHERE what = 'started'") == 5


def test_a_process_that_was_away_too_long_acts_only_for_deliveries_that_are_still_its_own(lab: Lab) -> None:
    """It stands still while its connections break, so others must take it for dead; then it wakes and finishes."""
    with lab.worker() as stunned:
        lab.enqueue("gate", key="a")
        holder = lab.started("a")
        with lab.worker():
            os.kill(holder, signal.SIGSTOP)
            lab.run(
                "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a"
                " JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'advisory'"
                " WHERE l.objid::int = (SELECT owner FROM dramatiq.queue WHERE state = 'consumed')"
            )
            lab.until("SELECT count(*) = 2 FROM trace WHERE what = 'started'")
            os.kill(holder, signal.SIGCONT)
            stunned.says("lost=1")
            lab.until("SELECT count(*) = 2 FROM dramatiq.worker")
            lab.open("a")
            lab.until("SELECT count(*) = 2 FROM trace WHERE what = 'ran'")
            lab.empty()
            stunned.says("queue.superseded")


def test_a_claim_whose_reply_was_lost_goes_back(lab: Lab) -> None:
    with lab.worker() as master:
        lab.enqueue("gate", key="a")
        lab.started("a")
        lab.run(
            "INSERT INTO dramatiq.queue (message_id, queue_name, state, message, owner, delivery)"
            " SELECT gen_random_uuid(), 'trial', 'consumed', jsonb_set(message, '{kwargs,key}', '\"lost\"'), owner, 1"
            " FROM dramatiq.queue"
        )
        lab.run(EVERYTHING_BUT_US)
        lab.until("SELECT true FROM dramatiq.queue WHERE reason = 'reply_lost'", within=BACK)
        master.says("put_back=1")


def test_a_claim_that_turns_up_late_goes_back_although_the_process_is_never_idle(lab: Lab) -> None:
    """The server committed it after the process had come back on a new connection, and had compared."""
    with lab.worker(TRIAL_POLL_SECONDS="0.5"):
        lab.enqueue("chain")
        lab.until("SELECT max(delivery) > 0 FROM dramatiq.queue")
        lab.run(
            "INSERT INTO dramatiq.queue (message_id, queue_name, state, owner, delivery, message)"
            " SELECT gen_random_uuid(), 'trial', 'consumed', owner, 1, '{}' FROM dramatiq.worker"
        )
        lab.until("SELECT true FROM dramatiq.queue WHERE reason IN ('reply_lost', 'invalid_message')")


def test_no_live_owner_is_taken_for_dead_after_a_restart_of_postgres(own_server: OwnServer, own_lab: Lab) -> None:
    lab = own_lab
    with lab.worker() as one, lab.worker() as two:
        for key in ("a", "b"):
            lab.enqueue("gate", key=key)
            lab.started(key)
        own_server.restart("fast")
        lab.reconnect()
        lab.enqueue("note", delay=4, key="time has passed")
        lab.until("SELECT count(*) = 2 FROM dramatiq.present", within=BACK)
        lab.open("a")
        lab.ran("a")
        lab.ran("time has passed")
        lab.open("b")
        lab.empty(within=BACK)
        assert "queue.rescued" not in one.output + two.output
    assert lab.value("SELECT count(*) FROM trace WHERE what = 'started'") == 2


def test_three_restarts_under_load_lose_nothing_and_let_nothing_take_effect_twice(
    own_server: OwnServer, own_lab: Lab
) -> None:
    lab = own_lab
    lab.run("INSERT INTO effect SELECT n::text FROM generate_series(1, 1500) AS n")
    lab.enqueue_many(1500, "fenced")
    with lab.worker(processes=2, threads=2) as master:
        for restart, mode in enumerate(("fast", "immediate", "fast"), start=1):
            lab.until("SELECT count(*) > %s FROM trace", restart * 300)
            own_server.restart(mode)
            lab.reconnect()
        lab.empty(within=60)
        assert "exited unexpectedly" not in master.output
    assert lab.run("SELECT DISTINCT times FROM effect") == [(1,)]
    assert lab.value("SELECT count(DISTINCT key) FROM trace") == 1500
    # What was in a thread at a restart may have lost its acknowledgement, and then runs again: nothing else.
    assert lab.value("SELECT count(*) FROM trace") <= 1500 + 3 * 4
