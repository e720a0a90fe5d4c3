"""Words of pupils, teachers and models, planted wherever they come in, are found nowhere but where they belong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from modelserver.testing import ScriptedServer
from submissions.errors import HandInRefused
from submissions.store.connection import Role, transaction
from submissions.store.hand_in import NewFile, NewSubmission, submit
from submissions.task import Criterion, TaskContext
from tests.factories import STUDENT, hand_in_files, hand_in_text, rows
from tests.metrics.scraping import free_port
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_whole_path import a_photo, enqueue_feedback, hand_in, statuses

MARKER = "Zebrafink4711"
TASK = TaskContext(f"Schreibe über den {MARKER}.", (Criterion(f"Nennt {MARKER}"), Criterion("Aufbau")), f"ein {MARKER}")

#: Keeps every version of every message, and everything that the platform hears.
WATCH = """
CREATE TABLE public.seen (what text);
CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    'BEGIN INSERT INTO public.seen VALUES (NEW::text); RETURN NEW; END';
CREATE TRIGGER see AFTER INSERT OR UPDATE ON dramatiq.queue FOR EACH ROW EXECUTE FUNCTION public.see();
-- What a page holds that the database refuses; its error quotes the row.
ALTER TABLE learning_pages ADD CHECK (text_md NOT LIKE '%%Bruch%%');
ALTER TABLE learning_submissions ADD CHECK (feedback_md NOT LIKE '%%Bruch%%');
"""
#: Everything that is kept beside the words themselves.
KEPT = {
    "errors": "SELECT vision_last_error, feedback_last_error, error_code, internal_metadata FROM learning_submissions",
    "work": "SELECT w::text FROM learning_work w",
    "units": "SELECT u::text FROM learning_units u",
    "attempts": "SELECT a::text FROM learning_attempts a",
    "results": "SELECT r::text FROM learning_results r",
    "messages": "SELECT what FROM seen",
    "gauges": "SELECT g::text FROM learning_gauges() g",
}


def fault(name: str, **parameters: object) -> dict[str, Any]:
    return {"fault": {"name": name, **parameters}}


#: What the model server does, one after the other, to feedback and to pages; then it answers as it should.
ANSWERS: dict[bool, list[dict[str, Any]]] = {
    False: [
        {"text": f"kein JSON, sondern {MARKER}"},
        {"json": {"feedback": f"{MARKER} " * 40}},
        fault("status", status=400, error=f"cannot parse {MARKER}"),
        fault("error_mid_stream", error=f"panic at {MARKER}"),
        fault("llama_error", message=f"exceeded at {MARKER}"),
        fault("repeat", text=f"{MARKER} ", ending="never"),
        {"json": {"criterion_1": {"score": MARKER}, "criterion_2": [MARKER], MARKER: MARKER}},
    ],
    True: [
        {"text": f"Bruch: {MARKER}"},
        {"text": f"<think>{MARKER}</think>"},
        fault("cut"),
        {"text": f"gelesen: {MARKER}"},
    ],
}


def scripted() -> list[dict[str, Any]]:
    return [
        {"match": {"has_images": images, "nth": number}, "action": action}
        for images, actions in ANSWERS.items()
        for number, action in enumerate(actions, start=1)
    ]


@pytest.fixture
def server_log(owner_url: str) -> Iterator[list[str]]:
    """What Postgres writes into its own log meanwhile, where it is a file that we find."""
    try:
        ((before,),) = rows(owner_url, "SELECT length(pg_read_file('log'))")
    except psycopg2.Error:
        before = None
    lines: list[str] = []
    yield lines
    if before is not None:
        ((text,),) = rows(owner_url, "SELECT pg_read_file('log')")
        lines.extend(text[before:].splitlines())
        assert [line for line in lines if "violates check constraint" in line]
        assert not [line for line in lines if MARKER in line]


@pytest.mark.usefixtures("server_log")
def test_a_planted_word_is_found_in_no_log_event_metric_error_or_message(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    rows(owner_url, WATCH)
    texts = [hand_in_text(platform_url, f"Mein {MARKER} Nummer {number}.", task=TASK) for number in range(4)]
    hand_in(environment, platform_url, [a_photo(tmp_path / f"{MARKER}.png")])
    hand_in_files(platform_url, [NewFile(f"submissions/{MARKER}.png", "image/png", 1000, "0" * 64)], task=TASK)
    torn = tmp_path / f"{MARKER}.pdf"
    torn.write_bytes(b"%PDF-1.7\n" + MARKER.encode() * 10)
    hand_in(environment, platform_url, [torn])
    model_server.rules(scripted())
    port = free_port()
    told = {"LOG_LEVEL": "DEBUG", "WORKER_METRICS_PORT": str(port), "WORKER_PROBE_SECONDS": "0.05"}
    with Worker({**environment, **told, "WORKER_CONCURRENCY": "2", "WORKER_OUTAGE_FAILURES": "100"}) as worker:
        worker.wait_for("attempt.retry")
        rows(owner_url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'learning_worker'")
        until(lambda: not {"pending", "extracted"} & set(statuses(owner_url)), "an end of all", timeout=60)
        metrics = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        unreadable = enqueue_unreadable(environment)
        worker.wait_for("queue.rejected")
    assert statuses(owner_url).count("failed") == 2
    assert texts
    assert not [line for line in worker.output if MARKER in line]
    assert MARKER not in metrics
    for what, statement in KEPT.items():
        found = [row for row in rows(owner_url, statement) if MARKER in str(row) and unreadable not in str(row)]
        assert not found, what


def enqueue_unreadable(environment: dict[str, str]) -> str:
    """A message whose arguments, which its producer chose, no actor can take; what stands in it."""
    unreadable = f"no id, but {MARKER}"
    enqueue_feedback(environment, unreadable, cached_text_md=MARKER)  # type: ignore[arg-type]
    return unreadable


def test_a_refused_statement_leaves_neither_text_nor_row_in_an_exception(worker_url: str, platform_url: str) -> None:
    for url, role in ((worker_url, Role.WORKER), (platform_url, Role.PLATFORM)):
        with transaction(url, role) as cursor:
            cursor.execute("SELECT current_setting('log_min_error_statement'), current_setting('log_error_verbosity')")
            assert cursor.fetchone() == ("panic", "terse")
    with pytest.raises(HandInRefused) as caught:
        submit(platform_url, NewSubmission(student_sub=STUDENT, task=TASK, text="x", idempotency_key=MARKER * 10))
    assert MARKER not in str(caught.value) and caught.value.__cause__ is None
