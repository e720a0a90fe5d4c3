"""What stands in the database after each class of fault, with a real worker: verdict, reason, attempts spent."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from modelserver.testing import ScriptedServer
from submissions.errors import MESSAGE_LIMIT
from tests.factories import hand_in_text, rows, submission
from tests.storage.odd_server import OddServer, says
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_whole_path import a_photo, all_completed, hand_in, statuses


def first_attempt(owner_url: str, submission_id: UUID) -> tuple[Any, ...]:
    """Verdict and reason of the first run."""
    (row, *_) = rows(
        owner_url,
        "SELECT verdict, reason FROM learning_attempts WHERE submission_id = %s ORDER BY claimed_at",
        submission_id,
    )
    return row


def spent(owner_url: str, submission_id: UUID) -> int:
    (row,) = rows(owner_url, "SELECT sum(spent)::int FROM learning_units WHERE submission_id = %s", submission_id)
    return int(row[0])


def fault(name: str, **parameters: object) -> dict[str, object]:
    return {"fault": {"name": name, **parameters}}


#: What the model server does at the first request, and what the first attempt is in the end.
AT_THE_MODEL_SERVER: dict[str, tuple[dict[str, Any], str, str]] = {
    "AnswerFault, by the server": (fault("repeat", ending="error"), "retry", "answer_broke_off"),
    "AnswerFault, by its end": (fault("no_done"), "retry", "answer_broke_off"),
    "AnswerFault, cut": (fault("cut"), "retry", "answer_cut"),
    "AnswerFault, by its form": ({"text": "no JSON"}, "retry", "answer_not_json"),
    "ServerFault": (fault("status", status=500, error="something new"), "retry", "server_error"),
    "ServerFault, in the middle": (fault("error_mid_stream"), "retry", "runner_died"),
    "ServerAway, by its status": (fault("status", status=502, error="Bad Gateway"), "snooze", "server_busy"),
    "ServerAway, on the wire": (fault("reset"), "snooze", "connection_reset"),
    "ServerAway, in the middle": (fault("close", after=2, mid_chunk=True), "snooze", "connection_lost"),
    "ModelAway": (fault("status", error="llama-server process no longer running: x"), "snooze", "runner_gone"),
    "ModelAway, full": (fault("busy"), "snooze", "server_busy"),
    "ModelAway, silent": (fault("stall"), "snooze", "first_byte_timeout"),
    "ModelUnfit": (fault("status", status=400, error="x does not support chat"), "snooze", "model_unfit"),
    "SetupFault": (fault("status", status=401, error="no"), "snooze", "access_refused"),
}


def test_faults_of_the_model_server_end_attempts_as_the_table_says(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    units = {name: hand_in_text(platform_url, f"Fall ({name})") for name in AT_THE_MODEL_SERVER}
    model_server.rules(
        [
            # An answer of no use is asked for again within the attempt.
            {"match": {"contains": f"({name})", "times": 2 if name.startswith("AnswerFault") else 1}, "action": action}
            for name, (action, _, _) in AT_THE_MODEL_SERVER.items()
        ]
    )
    quick = {"WORKER_PROBE_SECONDS": "0.05", "OLLAMA_FIRST_BYTE_SECONDS": "1", "WORKER_OUTAGE_FAILURES": "100"}
    with Worker({**environment, **quick}):
        until(lambda: all_completed(owner_url), "completed submissions")
    for name, (_, verdict, reason) in AT_THE_MODEL_SERVER.items():
        unit = units[name]
        assert first_attempt(owner_url, unit.submission_id) == (verdict, reason), name
        assert spent(owner_url, unit.submission_id) == (2 if verdict == "retry" else 1), name


def test_what_only_needs_a_larger_limit_waits_and_spends_nothing(
    environment: dict[str, str], platform_url: str, owner_url: str
) -> None:
    unit = hand_in_text(platform_url, "wort " * 5000)
    with Worker({**environment, "AI_FEEDBACK_NUM_CTX": "2048", "AI_FEEDBACK_NUM_PREDICT": "1000"}) as worker:
        worker.wait_for("attempt.snooze")
    assert first_attempt(owner_url, unit.submission_id) == ("snooze", "context_exceeded")
    assert spent(owner_url, unit.submission_id) == 0


def test_a_storage_that_is_away_spends_nothing(
    environment: dict[str, str], platform_url: str, owner_url: str, tmp_path: Path
) -> None:
    away = hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    folder, hidden = tmp_path / "storage", tmp_path / "hidden"
    folder.rename(hidden)
    with Worker(environment) as worker:
        worker.wait_for("attempt.snooze")
        hidden.rename(folder)
        until(lambda: all_completed(owner_url), "a completed submission")
    assert first_attempt(owner_url, away) == ("snooze", "storage_away")
    assert spent(owner_url, away) == 3  # open, read, feedback


def test_a_storage_that_redirects_is_told_as_a_wrong_setup_and_spends_nothing(
    environment: dict[str, str], platform_url: str, owner_url: str, tmp_path: Path
) -> None:
    waiting = hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    with (
        OddServer(says("302 Found", "Location: https://elsewhere.example/")) as server,
        Worker({**environment, "STORAGE_URL": server.url}) as worker,
    ):
        worker.wait_for("setup.wrong")
        worker.wait_for("attempt.snooze")
    assert first_attempt(owner_url, waiting) == ("snooze", "storage_redirects")
    assert spent(owner_url, waiting) == 0


def test_a_file_that_is_not_in_the_storage_fails_after_its_attempts(
    environment: dict[str, str], platform_url: str, owner_url: str, tmp_path: Path
) -> None:
    missing = hand_in(environment, platform_url, [a_photo(tmp_path / "b.png", "blue")])
    for file in (tmp_path / "storage").rglob("*"):
        if file.is_file():
            file.unlink()
    with Worker({**environment, "WORKER_MAX_RETRIES": "1"}):
        until(lambda: statuses(owner_url) == ["failed"], "a failed submission")
    assert first_attempt(owner_url, missing) == ("retry", "file_missing")
    assert spent(owner_url, missing) == 2
    assert rows(owner_url, "SELECT error_code, reason FROM learning_submissions, learning_work") == [
        ("vision_failed", "file_missing")
    ]


def test_an_answer_that_the_database_refuses_counts_and_its_text_is_told_nowhere(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    rows(owner_url, "ALTER TABLE learning_submissions ADD CHECK (feedback_md NOT LIKE '%%Zebrafink%%')")
    unit = hand_in_text(platform_url)
    said: dict[str, Any] = {
        f"criterion_{number}": {"explanation": "Gut.", "evidence": "", "score": 1} for number in (1, 2, 3)
    }
    said |= {"overall_score": 1, "feedback": "Zebrafink"}
    model_server.rules([{"match": {"times": 1}, "action": {"json": said}}])
    with Worker(environment) as worker:
        until(lambda: all_completed(owner_url), "a completed submission")
        assert not any("Zebrafink" in line for line in worker.output)
    assert first_attempt(owner_url, unit.submission_id) == ("retry", "unexpected")
    assert spent(owner_url, unit.submission_id) == 2
    assert rows(owner_url, "SELECT message FROM learning_attempts WHERE message IS NOT NULL") == [
        ("unexpected StoreRefused; see the worker's log",)
    ]


def test_a_database_that_is_lost_while_a_step_loads_spends_nothing(
    environment: dict[str, str], platform_url: str, owner_url: str
) -> None:
    # The first reading of a task ends its own connection; a sequence remembers that it did.
    rows(
        owner_url,
        "CREATE SEQUENCE readings;"
        " CREATE FUNCTION hang_up() RETURNS boolean LANGUAGE sql SECURITY DEFINER VOLATILE AS"
        " $$ SELECT nextval('readings') > 1 OR pg_terminate_backend(pg_backend_pid()) $$;"
        " CREATE POLICY trap ON learning_task_contexts AS RESTRICTIVE FOR SELECT TO learning_worker USING (hang_up())",
    )
    unit = hand_in_text(platform_url)
    with Worker(environment):
        until(lambda: all_completed(owner_url), "a completed submission")
    assert first_attempt(owner_url, unit.submission_id) == ("snooze", "database_away")
    assert spent(owner_url, unit.submission_id) == 1


def test_a_message_is_cut_where_it_is_stored(environment: dict[str, str], platform_url: str, owner_url: str) -> None:
    unit = hand_in_text(platform_url)
    with Worker({**environment, "AI_FEEDBACK_MODEL": "x" * 2000}) as worker:
        worker.wait_for("attempt.snooze")
    assert first_attempt(owner_url, unit.submission_id)[0] == "snooze"
    (message,) = submission(owner_url, unit, "feedback_last_error")
    assert len(message) == MESSAGE_LIMIT
