"""SIGTERM, once or often, to one or to all: the process ends in time, and no message is stuck or lost."""

from __future__ import annotations

import signal
import time

import psutil
import pytest

from postgres_queue.stop import EXIT_BROKEN
from tests.broker.lab import Lab, Master

#: Dramatiq's own loops look once a second, in worker and master: three seconds, and what a busy machine adds.
#: Well below the twenty after which whatever runs is left.
PROMPT = 10.0

#: What the master, and a busy machine, add to a worker's own deadline (s).
AFTER_THE_DEADLINE = 5.0


def _ends(master: Master, within: float) -> None:
    workers = psutil.Process(master.pid).children()
    begin = time.monotonic()
    assert master.wait(within) == 0
    assert time.monotonic() - begin < within
    assert not [each for each in workers if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


WAYS = {
    "TERM": [(signal.SIGTERM, False)],
    "TERM to the group": [(signal.SIGTERM, True)],
    "TERM twice": [(signal.SIGTERM, False)] * 2,
    "TERM twice to the group": [(signal.SIGTERM, True)] * 2,
    "INT": [(signal.SIGINT, True)],
    "INT twice": [(signal.SIGINT, True)] * 2,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_stop_puts_the_running_message_back_at_once(lab: Lab, way: str) -> None:
    with lab.worker(processes=2) as master:
        lab.enqueue("gate", key="a")
        lab.started("a")
        for number, group in WAYS[way]:
            master.send(number, group=group)
        lab.until("SELECT true FROM dramatiq.queue WHERE state = 'queued' AND reason = 'interrupted'", within=5)
        _ends(master, PROMPT)
        assert "exited unexpectedly" not in master.output
    # The other process may hear of the stop a moment later, and have the message for that long.
    assert lab.run("SELECT state::text, delivery <= 2, owner FROM dramatiq.queue") == [("queued", True, None)]
    assert lab.value("SELECT count(*) FROM dramatiq.worker") == 0


def test_an_actor_that_does_not_give_way_is_left_at_the_deadline_and_its_message_put_back(lab: Lab) -> None:
    with lab.worker(TRIAL_SHUTDOWN_SECONDS="3") as master:
        lab.enqueue("stubborn", key="a")
        lab.started("a")
        master.send(signal.SIGTERM, group=True)
        begin = time.monotonic()
        assert master.wait() == 0
        assert 2 < time.monotonic() - begin < 3 + AFTER_THE_DEADLINE
        assert "queue.abandoned" in master.output
    assert lab.run("SELECT state::text, reason FROM dramatiq.queue") == [("queued", "stopped_while_running")]


def test_what_still_runs_at_the_deadline_is_put_back_as_the_last_thing_that_a_process_does(lab: Lab) -> None:
    """It may start elsewhere at once, while its actor still runs here."""
    lab.run(
        "CREATE TABLE still_here AS SELECT 0 AS workers WITH NO DATA;"
        " CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
        " 'BEGIN INSERT INTO still_here SELECT count(*) FROM dramatiq.worker; RETURN NULL; END';"
        " CREATE TRIGGER look AFTER UPDATE ON dramatiq.queue FOR EACH ROW"
        " WHEN (NEW.reason = 'stopped_while_running') EXECUTE FUNCTION look()"
    )
    with lab.worker(TRIAL_SHUTDOWN_SECONDS="2") as master:
        lab.enqueue("stubborn", key="a")
        lab.started("a")
        master.send(signal.SIGTERM)
        assert master.wait() == 0
    assert lab.run("SELECT workers FROM still_here") == [(0,)]


def test_a_message_that_is_through_when_the_stop_comes_is_not_put_back(lab: Lab) -> None:
    with lab.worker() as master:
        lab.enqueue("stubborn", key="a")
        lab.started("a")
        master.send(signal.SIGTERM)
        lab.open("a")
        _ends(master, PROMPT)
    assert lab.value("SELECT count(*) FROM dramatiq.queue") == 0


def test_nothing_new_starts_once_the_stop_was_asked_for(lab: Lab) -> None:
    with lab.worker(threads=2) as master:
        lab.enqueue("stubborn", key="a")
        lab.started("a")
        master.send(signal.SIGTERM)
        master.says("queue.stopping")
        lab.enqueue("note", key="too late")
        lab.open("a")
        _ends(master, PROMPT)
    assert lab.value("SELECT count(*) FROM trace WHERE key = 'too late'") == 0
    assert lab.run("SELECT state::text, delivery FROM dramatiq.queue") == [("queued", 0)]


def test_an_idle_worker_ends_promptly_and_leaves_no_row_behind(lab: Lab) -> None:
    with lab.worker() as master:
        master.send(signal.SIGTERM)
        _ends(master, PROMPT)
    assert lab.value("SELECT count(*) FROM dramatiq.worker") == 0


def test_a_stop_while_the_database_is_silent_still_ends_in_time(lab: Lab) -> None:
    with lab.worker(TRIAL_SHUTDOWN_SECONDS="3") as master:
        lab.enqueue("gate", key="a")
        lab.started("a")
        lab.run("BEGIN")
        lab.run("LOCK TABLE dramatiq.queue")
        master.send(signal.SIGTERM)
        assert master.wait(3 + AFTER_THE_DEADLINE) == 0
        lab.run("ROLLBACK")
    with lab.worker():
        lab.open("a")
        lab.ran("a")


def test_a_signal_to_the_group_while_a_worker_boots_is_one_request_too(lab: Lab) -> None:
    """The worker gets it before our handler is there, and once more from the master, which has it wait until the boot
    is over."""
    master = lab.unready_worker(TRIAL_SLOW_IMPORT="1")
    try:
        lab.enqueue("stubborn", key="a")
        lab.started("import")
        master.send(signal.SIGTERM, group=True)
        lab.open("import")
        lab.open("a")
        assert master.wait() == 0
    finally:
        master.destroy()
    assert lab.value("SELECT count(*) FROM dramatiq.queue WHERE state = 'consumed'") == 0
    assert lab.value("SELECT count(*) FROM dramatiq.worker") == 0


@pytest.mark.parametrize("what", ["dispatcher", "keeper", "worker"])
def test_a_process_that_lost_a_thread_ends_by_itself_with_an_exit_code_that_tells(lab: Lab, what: str) -> None:
    with lab.worker(threads=2) as master:
        lab.enqueue("gate", key="a")
        lab.started("a")
        lab.enqueue("sabotage", what=what, secret="Chloroplasten")
        assert master.wait(2 * PROMPT) == EXIT_BROKEN
        assert "queue.thread_died" in master.output
        assert "Chloroplasten" not in master.output
    with lab.worker():
        lab.open("a")
        lab.ran("a")
        lab.until("SELECT NOT EXISTS (SELECT FROM dramatiq.queue WHERE state <> 'rejected')")
