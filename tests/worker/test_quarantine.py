"""A document that kills its process, among others that do not: real processes, SIGKILL, a supervisor."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

import psycopg2
import pytest

from modelserver.testing import ScriptedServer
from submissions.store.work import Unit
from tests.factories import hand_in_text, rows, submission
from tests.waiting import until
from tests.worker.processes import Worker

#: Starts the worker again whenever it ends, as a platform does.
SUPERVISOR = "while true; do dramatiq actors --processes 2 --threads 2; done"

RUNNING = """
SELECT split_part(a.worker, ':', 2)::integer, a.claim, a.alone
FROM learning_attempts a WHERE a.submission_id = %s AND a.ended_at IS NULL
"""


@contextlib.contextmanager
def deadly(owner_url: str, unit: Unit) -> Iterator[list[bool]]:
    """Kills the process of every run of this unit; tells of each whether it ran alone."""
    deaths: dict[int, bool] = {}
    over = threading.Event()

    def watch() -> None:
        connection = psycopg2.connect(owner_url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not over.wait(0.02):
                cursor.execute(RUNNING, (str(unit.submission_id),))
                for pid, claim, alone in cursor.fetchall():
                    if claim not in deaths:
                        deaths[claim] = alone
                        os.kill(pid, signal.SIGKILL)
        connection.close()

    killer = threading.Thread(target=watch)
    killer.start()
    told: list[bool] = []
    try:
        yield told
    finally:
        over.set()
        killer.join()
        told.extend(alone for _, alone in sorted(deaths.items()))


@pytest.fixture
def busy(model_server: ScriptedServer) -> ScriptedServer:
    """Answers are slow enough that others are in flight when a process dies, and the poison's never comes."""
    model_server.config(num_parallel=8)
    model_server.rules(
        [
            {"match": {"contains": "Gift"}, "action": {"fault": "stall"}},
            {"match": {}, "action": {"delay": 0.5}},
        ]
    )
    return model_server


def test_poison_is_given_up_after_its_own_deaths_and_the_innocent_are_completed(
    environment: dict[str, str], platform_url: str, owner_url: str, busy: ScriptedServer
) -> None:
    innocent = [hand_in_text(platform_url, f"Text {number}") for number in range(3)]
    poison = hand_in_text(platform_url, "Gift")
    innocent += [hand_in_text(platform_url, f"Text {number}") for number in range(3, 12)]
    settings = {"WORKER_MAX_CRASHES": "2", "WORKER_MAX_RETRIES": "0"}
    with deadly(owner_url, poison) as deaths, Worker({**environment, **settings}, SUPERVISOR):
        until(lambda: submission(owner_url, poison) == ("failed",), "the poison is given up", timeout=120)
        until(
            lambda: all(submission(owner_url, unit) == ("completed",) for unit in innocent), "the others are completed"
        )
    assert deaths == [False, True, True]
    assert submission(owner_url, poison, "error_code") == ("feedback_failed",)
    assert rows(owner_url, "SELECT reason FROM learning_work WHERE reason IS NOT NULL") == [("crashed_repeatedly",)]
    # No retries were allowed, so no innocent unit had spent an attempt on somebody else's death.
    assert rows(owner_url, "SELECT max(spent), max(crashes) FROM learning_units WHERE state = 'done'") == [(1, 0)]
    assert rows(owner_url, "SELECT count(*) FROM learning_attempts WHERE verdict = 'done'") == [(len(innocent),)]
    until(lambda: rows(owner_url, "SELECT count(*) FROM dramatiq.queue") == [(0,)], "an empty queue")
