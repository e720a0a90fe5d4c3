"""Upkeep by real workers: what was lost comes back though nothing rings, and on few connections."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest

from modelserver.testing import ScriptedServer
from tests.factories import hand_in_text, rows
from tests.waiting import until
from tests.worker.processes import Worker, procfile
from tests.worker.test_whole_path import all_completed

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'learning_worker'"


def test_an_idle_worker_brings_back_a_submission_whose_message_was_lost(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    hand_in_text(platform_url)
    rows(owner_url, "DELETE FROM dramatiq.queue")
    with Worker({**environment, "WORKER_UPKEEP_SECONDS": "0.3"}):
        until(lambda: all_completed(owner_url), "a completed submission")


def test_every_process_removes_old_copies_when_it_starts_and_whoever_is_elected(
    environment: dict[str, str], owner_url: str
) -> None:
    rows(owner_url, "UPDATE dramatiq.chore SET next_at = 'infinity'")
    cache = Path(environment["WORKER_CACHE_DIR"])
    cache.mkdir(mode=0o700)

    def copy_left_behind() -> Path:
        copy = cache / f"{uuid4()}-1"
        copy.write_bytes(b"x")
        os.utime(copy, (0, 0))
        return copy

    before = copy_left_behind()
    with Worker(environment):
        until(lambda: not before.exists(), "removed at the start")
    with Worker({**environment, "WORKER_UPKEEP_SECONDS": "0.3"}) as worker:
        worker.wait_for("worker.ready")
        later = copy_left_behind()
        until(lambda: not later.exists(), "removed now and then")
    assert not any("upkeep.done" in line for line in worker.output)


def test_a_process_holds_three_connections_beside_those_of_its_threads(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    model_server.config(num_parallel=4)
    model_server.rules([{"match": {}, "action": {"delay": 0.1}}])
    for number in range(60):
        hand_in_text(platform_url, f"Text {number}")
    most = 0

    def done() -> bool:
        nonlocal most
        # A closed connection's backend takes a moment to go: of three looks, the middle one.
        looks = sorted(rows(owner_url, CONNECTIONS)[0][0] for _ in range(3))
        most = max(most, looks[1])
        return all_completed(owner_url)

    with Worker({**environment, "WORKER_CONCURRENCY": "4", "WORKER_UPKEEP_SECONDS": "0.1"}):
        until(done, "all completed", timeout=60)
    assert 3 < most <= 4 + 3


@pytest.mark.parametrize("function", ["learning_free_abandoned", "learning_claim"])
def test_a_right_that_was_taken_away_is_told_with_its_remedy_and_work_goes_on_once_it_is_back(
    environment: dict[str, str], platform_url: str, owner_url: str, function: str
) -> None:
    rows(owner_url, f"REVOKE EXECUTE ON FUNCTION {function} FROM learning_worker")
    hand_in_text(platform_url)
    rows(owner_url, "DELETE FROM dramatiq.queue WHERE %s = 'learning_free_abandoned'", function)
    with Worker({**environment, "WORKER_UPKEEP_SECONDS": "0.2"}, procfile("worker").partition("&& ")[2]) as worker:
        worker.wait_for('"concerns": "the database"')
        rows(owner_url, f"GRANT EXECUTE ON FUNCTION {function} TO learning_worker")
        until(lambda: all_completed(owner_url), "a completed submission")
    (told,) = [line for line in worker.output if "setup.wrong" in line]
    assert "database_unready" in told
