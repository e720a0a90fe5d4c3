"""Metrics of real worker processes, scraped over HTTP: over several processes, after kills, over restarts."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from modelserver.testing import ScriptedServer
from submissions.metrics.scrape import State
from submissions.metrics.table import METRICS
from tests.factories import STUDENT, hand_in_text, rows
from tests.metrics.scraping import Scrape
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_whole_path import a_photo, hand_in

#: Reasons, models and queues are not known beforehand; Dramatiq names its own.
FAMILIES = {name.removesuffix("_total") for name in METRICS}


def completed(owner_url: str) -> int:
    ((count,),) = rows(owner_url, "SELECT count(*) FROM learning_submissions WHERE analysis_status = 'completed'")
    return int(count)


def is_served(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_two_processes_count_together_and_the_state_is_the_databases(
    measured: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, port: int
) -> None:
    model_server.hold()
    for number in range(6):
        hand_in_text(platform_url, f"Text {number}")
    with Worker(measured) as worker:
        worker.wait_for("metrics.ready")
        worker.wait_for("attempt.started", times=4)
        during = Scrape(port)
        assert during("analysis_jobs_inflight") == 4
        assert during("learning_units", step="feedback", state="waiting") == 2
        assert during("learning_messages", queue="feedback", state="ready") == 2
        assert during("learning_oldest_ready_seconds", stage="feedback") > 0
        assert during("learning_workers") == 2
        assert during("learning_circuit_open", concerns="the model server") == 0
        assert during("ai_worker_processed_total", status="completed") == 0
        model_server.release()
        worker.wait_for("submission.completed", times=6)
        after = Scrape(port)
    assert rows(owner_url, "SELECT count(DISTINCT worker) FROM learning_attempts") == [(2,)]
    assert after("analysis_jobs_inflight") == 0
    assert after("learning_oldest_ready_seconds", stage="feedback") == 0
    assert after("learning_submissions", status="completed") == 6
    assert after("ai_worker_processed_total", status="completed") == 6
    assert after("learning_attempts_total", stage="feedback", outcome="done") == 6
    for name in ("queue_wait", "model_load", "prompt", "generation", "attempt"):
        assert after(f"learning_{name}_seconds_count", stage="feedback") == 6, name
    assert after("learning_submission_seconds_count", status="completed") == 6
    assert after("dramatiq_messages_total", queue_name="feedback", actor_name="feedback") == 6
    ((read, written),) = rows(
        owner_url,
        "SELECT sum((cost ->> 'prompt_tokens')::int), sum((cost ->> 'output_tokens')::int) FROM learning_attempts",
    )
    assert after("learning_tokens_total", model="scripted-text", direction="in") == read
    assert after("learning_tokens_total", model="scripted-text", direction="out") == written


def test_what_a_killed_process_counted_stays_until_the_restart_and_its_running_units_never_stick(
    measured: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, port: int
) -> None:
    model_server.hold()
    for number in range(4):
        hand_in_text(platform_url, f"Text {number}")
    with Worker(measured) as worker:
        worker.wait_for("metrics.ready")
        worker.wait_for("attempt.started", times=4)
        model_server.release()
        worker.wait_for("submission.completed", times=4)
        model_server.hold()
        for number in range(4, 8):
            hand_in_text(platform_url, f"Text {number}")
        worker.wait_for("attempt.started", times=8)
        # A master that stands still cannot notice the death and end the exporter before we have looked.
        os.kill(worker.process.pid, signal.SIGSTOP)
        os.kill(worker.killable(), signal.SIGKILL)
        killed = Scrape(port)
        os.kill(worker.process.pid, signal.SIGCONT)
        assert worker.process.wait(30) != 0
    assert killed("ai_worker_processed_total", status="completed") == 4
    with Worker(measured) as worker:
        worker.wait_for("metrics.ready")
        model_server.release()
        until(lambda: completed(owner_url) == 8, "eight completed submissions")
        worker.wait_for("submission.completed", times=4)
        restarted = Scrape(port)
    assert restarted("ai_worker_processed_total", status="completed") == 4
    assert restarted("learning_submissions", status="completed") == 8
    assert restarted("analysis_jobs_inflight") == 0
    assert restarted("learning_units", step="feedback", state="running") == 0
    assert restarted("learning_workers") == 2


def test_retries_snoozes_and_failures_are_counted_by_stage_and_reason_and_nothing_tells_of_a_pupil(
    measured: dict[str, str],
    platform_url: str,
    owner_url: str,
    model_server: ScriptedServer,
    tmp_path: Path,
    port: int,
) -> None:
    marker = "Zebrafink4711"
    model_server.rules(
        [
            {"match": {"has_images": True, "nth": 1}, "action": {"fault": "busy"}},
            {"match": {"model": "scripted-text", "times": 2}, "action": {"text": f"kein JSON: {marker}"}},
        ]
    )
    (tmp_path / f"{marker}.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * 100)
    a_photo(tmp_path / f"{marker}.png")
    hand_in_text(platform_url, f"Mein {marker}")
    hand_in(measured, platform_url, [tmp_path / f"{marker}.jpg"])
    hand_in(measured, platform_url, [tmp_path / f"{marker}.png"])
    with Worker(measured) as worker:
        worker.wait_for("metrics.ready")
        worker.wait_for("submission.completed", times=2)
        worker.wait_for("submission.failed")
        scrape = Scrape(port)
    assert scrape("ai_worker_retry_total", phase="feedback") == 1
    assert scrape("ai_worker_retry_total", phase="vision") == 0
    assert scrape("learning_attempts_total", stage="vision", outcome="snooze") == 1
    assert scrape("ai_worker_processed_total", status="failed") == 1
    assert scrape("ai_worker_failed_total", error_code="input_corrupt") == 1
    assert scrape("learning_attempts_total", stage="vision", outcome="failed") == 1
    for verdict, metric in (("retry", "learning_retries_total"), ("snooze", "learning_snoozes_total")):
        told = rows(
            owner_url,
            "SELECT reason, CASE step WHEN 'feedback' THEN 'feedback' ELSE 'vision' END, count(*)"
            " FROM learning_attempts WHERE verdict = %s GROUP BY 1, 2",
            verdict,
        )
        counted = {(("reason", reason), ("stage", stage)): count for reason, stage, count in told}
        assert counted
        assert scrape.all_of(metric) == counted
    assert {name for name in scrape.kinds if not name.startswith("dramatiq_")} == FAMILIES
    assert "gauge" not in {kind for name, kind in scrape.kinds.items() if name.startswith("dramatiq_")}
    for secret in (marker, STUDENT):
        assert secret not in scrape.text


def test_a_database_that_is_away_leaves_the_states_out_instead_of_guessing() -> None:
    (family,) = State("postgresql://nobody@127.0.0.1:1/none").collect()
    assert (family.name, [sample.value for sample in family.samples]) == ("learning_database_up", [0])


@pytest.mark.parametrize(
    "act",
    [
        "REVOKE EXECUTE ON FUNCTION learning_gauges FROM learning_worker",
        "DROP FUNCTION learning_gauges",
        "CREATE OR REPLACE FUNCTION learning_gauges() RETURNS TABLE (name text, labels jsonb, value double precision)"
        " LANGUAGE sql AS $$ SELECT '', '{}'::jsonb, 1 / 0::double precision $$",
    ],
)
def test_a_scrape_is_answered_also_where_the_database_refuses_to_tell(
    worker_url: str, owner_url: str, act: str
) -> None:
    rows(owner_url, act)
    (family,) = State(worker_url).collect()
    assert [sample.value for sample in family.samples] == [0]


def test_a_port_that_is_taken_keeps_no_work_waiting_and_is_served_once_it_is_free(
    measured: dict[str, str], platform_url: str, port: int
) -> None:
    hand_in_text(platform_url)
    with socket.create_server(("127.0.0.1", port)) as other, Worker(measured) as worker:
        worker.wait_for('"metrics.unserved"')
        worker.wait_for("EADDRINUSE")
        worker.wait_for("submission.completed")
        other.close()
        worker.wait_for("metrics.ready")
        assert Scrape(port)("ai_worker_processed_total", status="completed") == 1


def test_the_exporter_ends_with_a_master_that_is_killed(measured: dict[str, str], port: int) -> None:
    with Worker(measured) as worker:
        worker.wait_for("metrics.ready")
        os.kill(worker.process.pid, signal.SIGKILL)
        until(lambda: not is_served(port), "a port that nobody serves")


def test_nothing_is_served_unless_a_port_is_set(environment: dict[str, str]) -> None:
    with Worker(environment) as worker:
        worker.wait_for("worker.ready")
        until(lambda: any("booting up" in line for line in worker.output), "the master")
        assert len(worker.pids()) == 1


def test_a_circuit_is_open_while_a_living_process_finds_the_model_server_away(
    measured: dict[str, str], platform_url: str, model_server: ScriptedServer, port: int
) -> None:
    hand_in_text(platform_url)
    with ScriptedServer() as other:
        away = other.port
    changes = {"WORKER_OUTAGE_FAILURES": "1", "WORKER_PROBE_SECONDS": "0.1", "OLLAMA_BASE_URL": other.url}
    with Worker({**measured, **changes}) as worker:
        worker.wait_for("metrics.ready")
        worker.wait_for("circuit.opened")
        assert Scrape(port)("learning_circuit_open", concerns="the model server") == 1
        other.start(away)
        worker.wait_for("submission.completed")
        assert Scrape(port)("learning_circuit_open", concerns="the model server") == 0
        other.stop()
