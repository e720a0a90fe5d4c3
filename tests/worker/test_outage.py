"""The model server away, hanging, busy, or wrongly set up: work pauses, nobody's attempts are spent, work goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from modelserver.testing import ScriptedServer
from submissions.store.work import Unit
from tests.factories import hand_in_text, rows
from tests.waiting import until
from tests.worker.processes import ROOT, Worker
from tests.worker.test_whole_path import a_photo, all_completed, hand_in, statuses

PROCESSES, THREADS, FAILURES = 2, 2, 3
#: What may reach the model server until all processes know that it is away: what is in hand, and what it takes to know.
UNTIL_KNOWN = PROCESSES * (THREADS + FAILURES)

BUSY = {"name": "status", "status": 503, "error": "server busy, please try again.  maximum pending requests exceeded"}


@contextmanager
def two_workers(environment: dict[str, str], **settings: str) -> Iterator[Worker]:
    """Two processes with two threads each, as a supervisor starts them."""
    numbers = {"WORKER_PROCESSES": str(PROCESSES), "WORKER_CONCURRENCY": str(THREADS), "PYTHONPATH": str(ROOT)}
    hurried = {"WORKER_PROBE_SECONDS": "0.5", "WORKER_SNOOZE_SECONDS": "2"}
    with Worker(
        {**environment, **numbers, **hurried, **settings}, "exec honcho --env /dev/null start worker"
    ) as worker:
        yield worker


def completed(owner_url: str) -> int:
    return statuses(owner_url).count("completed")


def spent_for_nothing(owner_url: str) -> Any:
    """Attempts that counted although no result came of them, and submissions that failed."""
    return rows(
        owner_url,
        "SELECT (SELECT sum(spent) FROM learning_units WHERE state <> 'done')::int,"
        " (SELECT sum(spent - 1) FROM learning_units WHERE state = 'done')::int,"
        " (SELECT count(*) FROM learning_attempts WHERE verdict NOT IN ('done', 'snooze')),"
        " (SELECT count(*) FROM learning_submissions WHERE analysis_status = 'failed')",
    )[0]


def snoozes(owner_url: str) -> int:
    return int(rows(owner_url, "SELECT count(*) FROM learning_attempts WHERE verdict = 'snooze'")[0][0])


def test_an_outage_fails_nobody_spends_nothing_and_work_goes_on_within_five_seconds(
    environment: dict[str, str], platform_url: str, owner_url: str
) -> None:
    for number in range(30):
        hand_in_text(platform_url, f"Text {number}")
    with ScriptedServer(tokens_per_second=200) as server, two_workers({**environment, "OLLAMA_BASE_URL": server.url}):
        until(lambda: completed(owner_url) >= 4, "work before the outage")
        port = server.port
        server.stop()
        away_since = time.monotonic()
        until(lambda: time.monotonic() - away_since > 10, "ten seconds without a model server", pause=0.5)
        before = completed(owner_url)
        assert before < 30
        assert snoozes(owner_url) <= UNTIL_KNOWN
        back_since = time.monotonic()
        server.start(port)
        until(lambda: completed(owner_url) > before, "work after the outage", timeout=5)
        resumed = time.monotonic() - back_since
        until(lambda: all_completed(owner_url), "thirty completed submissions")
    print(f"away 10 s: resumed after {resumed:.2f} s, {snoozes(owner_url)} snoozes, 30 completed")
    assert spent_for_nothing(owner_url) == (None, 0, 0, 0)
    assert rows(owner_url, "SELECT count(*) FROM dramatiq.queue") == [(0,)]


@pytest.mark.parametrize("how", ["hangs", "is busy"])
def test_a_server_that_answers_nobody_is_asked_by_few(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, how: str
) -> None:
    for number in range(30):
        hand_in_text(platform_url, f"Text {number}")
    if how == "hangs":
        model_server.hold()
    else:
        model_server.rules([{"action": {"fault": BUSY}}])
    with two_workers(environment, OLLAMA_FIRST_BYTE_SECONDS="1") as worker:
        worker.wait_for("server.away", times=PROCESSES)
        known = time.monotonic()
        until(lambda: time.monotonic() - known > 8, "eight seconds more", pause=0.5)
        asked = len(model_server.requests())
        model_server.rules([])
        model_server.release()
        until(lambda: completed(owner_url) > 0, "work afterwards", timeout=10)
        until(lambda: all_completed(owner_url), "thirty completed submissions")
    print(f"{how} for 8 s: {asked} requests, {snoozes(owner_url)} snoozes")
    # After that each process asks after 0.5, 1, 2, 4, 8 s.
    assert asked <= UNTIL_KNOWN + PROCESSES * 5
    assert spent_for_nothing(owner_url) == (None, 0, 0, 0)


def test_a_missing_model_is_told_once_and_stops_only_the_work_that_needs_it(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.config(models=["scripted-text"])
    hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    with Worker({**environment, "WORKER_PROBE_SECONDS": "0.2"}) as worker:
        worker.wait_for("setup.wrong")
        for number in range(10):
            hand_in_text(platform_url, f"Text {number}")
        until(lambda: completed(owner_url) == 10, "ten texts beside the image")
        (told,) = [line for line in worker.output if "setup.wrong" in line]
        assert "ollama pull scripted-vision" in told
        assert snoozes(owner_url) == 1
        installed = [{"name": "scripted-vision", "capabilities": ["completion", "vision"]}, "scripted-text"]
        model_server.config(models=installed)
        until(lambda: all_completed(owner_url), "the image as well", timeout=10)
        worker.wait_for("server.back")
    assert spent_for_nothing(owner_url) == (None, 0, 0, 0)


def test_a_model_that_never_loads_is_told_as_a_wrong_setup_once_that_lasts(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    hand_in_text(platform_url)
    error = "llama-server process has terminated: exit status 1"
    model_server.rules([{"action": {"fault": {"name": "status", "error": error}}}])
    with Worker({**environment, "WORKER_PROBE_SECONDS": "0.05", "WORKER_OUTAGE_FAILURES": "1"}) as worker:
        worker.wait_for("setup.wrong")
        (warned,) = [line for line in worker.output if "server.away" in line]
        assert "model_load_failed" in warned
        model_server.rules([])
        until(lambda: all_completed(owner_url), "a completed submission")
    assert spent_for_nothing(owner_url) == (None, 0, 0, 0)


def test_a_text_that_is_too_long_for_the_model_waits_alone(
    environment: dict[str, str], platform_url: str, owner_url: str
) -> None:
    too_long = hand_in_text(platform_url, "wort " * 5000)
    hand_in_text(platform_url, "kurz")
    limits = {"AI_FEEDBACK_NUM_CTX": "2048", "AI_FEEDBACK_NUM_PREDICT": "1000", "WORKER_OUTAGE_FAILURES": "1"}
    with Worker({**environment, **limits}) as worker:
        until(lambda: completed(owner_url) == 1, "the other text")
        worker.wait_for("setup.wrong")
        assert not any("server.away" in line for line in worker.output)
    waiting = rows(
        owner_url,
        "SELECT spent, due_at > now() + interval '4 minutes' FROM learning_units WHERE submission_id = %s",
        too_long.submission_id,
    )
    assert waiting == [(0, True)]


def test_what_fails_with_one_submission_after_the_other_is_taken_for_an_outage(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    for number in range(12):
        hand_in_text(platform_url, f"Text {number}")
    model_server.rules([{"action": {"fault": {"name": "status", "error": "CUDA error: unspecified launch failure"}}}])
    with Worker({**environment, "WORKER_PROBE_SECONDS": "0.2"}) as worker:
        worker.wait_for("server.away")
        model_server.rules([])
        until(lambda: all_completed(owner_url), "twelve completed submissions")
    assert rows(owner_url, "SELECT count(*) FROM learning_attempts WHERE verdict = 'retry'") == [(FAILURES,)]


def test_one_submission_that_fails_again_and_again_pauses_nobody(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    hand_in_text(platform_url, "Gift")
    model_server.rules([{"match": {"contains": "Gift"}, "action": {"fault": {"name": "status", "error": "oops"}}}])
    with Worker({**environment, "WORKER_BACKOFF_SECONDS": "0.01"}) as worker:
        until(lambda: statuses(owner_url) == ["failed"], "a failed submission")
        assert not any("server.away" in line for line in worker.output)
    assert rows(owner_url, "SELECT error_code, spent FROM learning_submissions, learning_units") == [
        ("feedback_failed", 4)
    ]


def hand_in_old_and_new(platform_url: str, owner_url: str) -> list[Unit]:
    """Four texts of today, four of yesterday."""
    units = [hand_in_text(platform_url, f"Text {number}") for number in range(8)]
    for unit in units[4:]:
        rows(
            owner_url,
            "UPDATE learning_work SET accepted_at = now() - interval '25 hours' WHERE submission_id = %s",
            unit.submission_id,
        )
    return units


@pytest.mark.parametrize(
    "earlier",
    [
        "SELECT",
        "INSERT INTO learning_outages VALUES ('feedback', now() - interval '9 days', now() - interval '8 days')",
        "INSERT INTO learning_outages VALUES ('vision', now() - interval '9 days', now())",
    ],
    ids=["no outage before", "an outage that nobody saw for a week", "an outage of the other stage"],
)
def test_an_outage_that_has_just_begun_fails_nothing_however_old_it_is(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, earlier: str
) -> None:
    hand_in_old_and_new(platform_url, owner_url)
    rows(owner_url, earlier)
    model_server.rules([{"action": {"fault": {"name": "status", "status": 503, "error": "server busy"}}}])
    with Worker({**environment, "WORKER_PROBE_SECONDS": "0.05"}) as worker:
        worker.wait_for("server.away")
        begun = "SELECT count(*) FROM learning_outages WHERE stage = 'feedback' AND since > now() - interval '1 hour'"
        until(lambda: rows(owner_url, begun) == [(1,)], "a look that found it away")
        model_server.rules([])
        until(lambda: all_completed(owner_url), "eight completed submissions")


def test_what_waited_longer_than_the_bound_fails_with_the_true_reason_while_the_server_is_away(
    environment: dict[str, str], platform_url: str, owner_url: str
) -> None:
    with ScriptedServer() as server:
        away = server.url
    units = hand_in_old_and_new(platform_url, owner_url)
    rows(owner_url, "INSERT INTO learning_outages VALUES ('feedback', now() - interval '25 hours', now())")
    with Worker({**environment, "OLLAMA_BASE_URL": away, "WORKER_PROBE_SECONDS": "0.2"}) as worker:
        worker.wait_for("submission.failed", times=4)
    failed = rows(
        owner_url,
        "SELECT s.id, s.error_code, w.reason, s.feedback_last_error"
        " FROM learning_submissions s JOIN learning_work w ON w.submission_id = s.id WHERE analysis_status = 'failed'",
    )
    assert {row[0] for row in failed} == {str(unit.submission_id) for unit in units[4:]}
    for _, error_code, reason, message in failed:
        assert (error_code, reason) == ("feedback_failed", "connection_refused")
        assert "OLLAMA_BASE_URL" in message
    assert statuses(owner_url).count("pending") == 4


def test_a_worker_stops_at_once_while_the_server_is_away(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    hand_in_text(platform_url)
    model_server.hold()
    slow = {"OLLAMA_FIRST_BYTE_SECONDS": "1", "WORKER_OUTAGE_FAILURES": "1", "WORKER_PROBE_SECONDS": "0.05"}
    with Worker({**environment, **slow}) as worker:
        worker.wait_for("server.away")
        model_server.wait(received=2)  # the second is a look, which now waits for its first byte
        assert worker.stop(timeout=5) == 0
