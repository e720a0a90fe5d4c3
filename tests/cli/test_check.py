"""`check` as people, probes and the Procfile use it: what each check finds, its exit code, how long it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modelserver.testing import ScriptedServer
from scripts.dev_postgres import DevPostgres
from submissions.cli import main
from submissions.store.connection import Role
from tests.factories import rows
from tests.model_server.deaf import deaf_address
from tests.waiting import until
from tests.worker.processes import PATH, ROOT, Worker, procfile

Check = Callable[..., tuple[int, dict[str, dict[str, Any]]]]

#: Exit codes: the setup is wrong; something does not answer.
SETUP, AWAY = 5, 6

#: Packages of the worker that a probe has no use for: each takes a tenth of a second or more.
SLOW = {"PIL", "botocore", "dramatiq", "dramatiq_pg", "numpy", "pillow_heif", "prometheus_client", "pypdfium2"}


@pytest.fixture
def settings(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment in which all is well."""
    (tmp_path / "storage").mkdir()
    return environment


@pytest.fixture
def check(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """Runs `check --json` in an environment that is changed a little; returns exit code and findings by id."""
    for name in os.environ:
        if name.startswith(("WORKER_", "AI_", "LEARNING_", "STORAGE_")):
            monkeypatch.delenv(name)

    def check(*arguments: str, **changes: str) -> tuple[int, dict[str, dict[str, Any]]]:
        for name, value in {**settings, **changes}.items():
            monkeypatch.setenv(name, value)
        code = main(["check", "--json", *arguments])
        answer = json.loads(capsys.readouterr().out)
        assert answer["exit_code"] == code
        assert answer["ready"] == (code == 0)
        return code, {each["id"]: each for each in answer["checks"] if each["level"] != "ok"}

    return check


def command(settings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`check` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "submissions", "check", *arguments],
        env={"PATH": PATH, **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def talkative_log(owner_url: str) -> Iterator[None]:
    """Where the migration could not grant what keeps the server's log quiet; the grant is the whole cluster's."""
    parameters = "SET ON PARAMETER log_min_error_statement, log_error_verbosity"
    rows(owner_url, f"REVOKE {parameters} FROM learning_worker")
    yield
    rows(owner_url, f"GRANT {parameters} TO learning_worker")


def test_where_all_is_well_every_check_is_fine_and_each_model_answered_once(
    settings: dict[str, str], model_server: ScriptedServer
) -> None:
    done = command(settings)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert {line.split()[0] for line in lines} == {"ok"}
    assert [line.split()[1] for line in lines] == [
        "settings",
        "prompts",
        "database",
        "schema",
        "rights",
        "storage",
        "model_server",
        "model.vision",
        "model.feedback",
        "answer.vision",
        "answer.feedback",
    ]
    asked = [(call["model"], call["has_images"]) for call in model_server.requests()]
    assert asked == [("scripted-vision", True), ("scripted-text", False)]


@pytest.mark.parametrize(
    ("changes", "name", "level", "code", "told"),
    [
        ({"AI_TIMEOUT_VISION": "4"}, "settings.deadlines", "error", SETUP, "AI_TIMEOUT_VISION=4 is over before"),
        ({"AI_TIMEOUT_FEEDBACK": "600"}, "settings.deadlines", "warning", 0, "OLLAMA_FIRST_BYTE_SECONDS=900 never"),
        ({"WORKER_SHUTDOWN_SECONDS": "29"}, "settings.shutdown", "warning", 0, "more than platforms give"),
        ({"WORKER_GIVE_UP_HOURS": "0.5"}, "settings.give_up", "warning", 0, "WORKER_GIVE_UP_HOURS=0.5"),
        ({"AI_VISION_MAX_PIXELS": "4000000"}, "settings.page_size", "warning", 0, "may need 9599 tokens"),
        ({"DATABASE_URL": ""}, "database", "error", SETUP, "no database is named"),
        ({"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "database", "error", AWAY, "does not answer"),
        (
            {"LEARNING_DIRECT_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"},
            "database.direct",
            "error",
            AWAY,
            "not answer",
        ),
        ({"WORKER_PROCESSES": "64"}, "database.connections", "warning", 0, "may need 257 connections"),
        ({"STORAGE_URL": "s3://bucket"}, "settings", "error", SETUP, "STORAGE_URL"),
        ({"STORAGE_URL": "https://files:99999/x"}, "settings", "error", SETUP, "STORAGE_URL or STORAGE_S3_ENDPOINT"),
        ({"OLLAMA_BASE_URL": "http://h:99999"}, "settings", "error", SETUP, "OLLAMA_BASE_URL='http://h:99999'"),
        ({"OLLAMA_BASE_URL": "http:localhost:11434"}, "settings", "error", SETUP, "OLLAMA_BASE_URL='http:localhost"),
        ({"STORAGE_URL": "file:/not/there"}, "storage", "error", AWAY, "the storage folder is not there"),
        ({"OLLAMA_BASE_URL": "http://127.0.0.1:1"}, "model_server", "error", AWAY, "refuses connections"),
        ({"AI_VISION_MODEL": "not-there"}, "model.vision", "error", SETUP, "does not have not-there"),
        ({"AI_FEEDBACK_MODEL": "not-there"}, "model.feedback", "error", SETUP, "does not have not-there"),
        ({"AI_VISION_MODEL": "scripted-text"}, "model.vision", "error", SETUP, "cannot do vision"),
    ],
)
def test_what_is_wrong_with_settings_or_neighbours_is_one_finding(
    check: Check, changes: dict[str, str], name: str, level: str, code: int, told: str
) -> None:
    found_code, found = check(**changes)
    assert found_code == code
    assert set(found) == {name}
    assert found[name]["level"] == level
    assert told in found[name]["message"]
    assert found[name]["hint"]


def test_the_scripted_model_server_has_the_models_that_the_settings_name_by_default(check: Check) -> None:
    assert check(AI_VISION_MODEL="", AI_FEEDBACK_MODEL="") == (0, {})


def test_a_setting_that_is_not_understood_is_one_line(settings: dict[str, str]) -> None:
    done = command({**settings, "WORKER_CONCURRENCY": "0"}, "--start")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (SETUP, "", 1)
    assert "WORKER_CONCURRENCY=0 is not a whole number" in done.stderr


def test_a_reader_that_left_is_no_error(settings: dict[str, str]) -> None:
    """As `check | head -1` does; the rest of the output is still in a buffer when the command is done."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "submissions", "check"],
        env={"PATH": PATH, **settings},
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_prompt_that_cannot_be_filled_is_named(check: Check, tmp_path: Path) -> None:
    (tmp_path / "prompts" / "de").mkdir(parents=True)
    (tmp_path / "prompts" / "de" / "vision.md").write_text("Lies das.\n---\nSeite $seite")
    code, found = check(AI_PROMPTS_DIR=str(tmp_path / "prompts"))
    assert code == SETUP
    assert "de/vision.md" in found["prompts"]["message"]


def test_a_prompt_that_asks_for_no_first_line_is_worth_a_warning(check: Check, tmp_path: Path) -> None:
    (tmp_path / "prompts" / "de").mkdir(parents=True)
    (tmp_path / "prompts" / "de" / "vision.md").write_text("Lies das.\n---\nSeite $page von $page_count")
    code, found = check(AI_PROMPTS_DIR=str(tmp_path / "prompts"))
    assert (code, found["prompts"]["level"]) == (0, "warning")
    assert "de/vision.md below AI_PROMPTS_DIR asks for no first line" in found["prompts"]["message"]


def test_something_that_is_not_ollama_has_to_be_mended(check: Check, model_server: ScriptedServer) -> None:
    code, found = check(OLLAMA_BASE_URL=f"{model_server.url}/_control")
    assert (code, found["model_server"]["level"]) == (SETUP, "error")
    assert "is not Ollama" in found["model_server"]["message"]


def test_a_model_that_is_there_and_does_not_answer_is_found(check: Check, model_server: ScriptedServer) -> None:
    model_server.rules([{"match": {"model": "scripted-text"}, "action": {"fault": "busy"}}])
    code, found = check()
    assert code == AWAY
    assert found["answer.feedback"]["level"] == "error"
    assert "answer.vision" not in found


@pytest.mark.parametrize(
    ("act", "name", "told"),
    [
        ("DELETE FROM learning_migrations WHERE name = '0005_working.sql'", "schema", "1 migration(s) behind"),
        (
            "UPDATE learning_migrations SET sha256 = 'x' WHERE name = '0004_handing_in.sql'",
            "schema",
            "0004_handing_in.sql was changed",
        ),
        ("DROP TABLE learning_migrations", "schema", "the schema is missing or old"),
        ("REVOKE EXECUTE ON FUNCTION learning_claim FROM learning_worker", "rights", "may not call learning_claim"),
        ("REVOKE DELETE ON dramatiq.queue FROM learning_worker", "rights", "may not DELETE dramatiq.queue"),
        ("REVOKE USAGE ON SCHEMA dramatiq FROM learning_worker", "database", "may not even look"),
        ("REVOKE SELECT ON learning_migrations FROM learning_worker", "database", "may not even look"),
        (
            "GRANT UPDATE ON learning_submissions TO learning_worker",
            "rights",
            "may UPDATE learning_submissions directly",
        ),
        (
            "ALTER TABLE learning_pages DISABLE ROW LEVEL SECURITY",
            "rights",
            "row-level security is off for learning_pages",
        ),
        ("GRANT EXECUTE ON FUNCTION learning_claim TO PUBLIC", "rights", "everybody may call learning_claim"),
        (
            "REVOKE EXECUTE ON FUNCTION learning_free_abandoned FROM learning_worker",
            "rights",
            "may not call learning_free_abandoned",
        ),
        ("DROP POLICY own_rows ON learning_pages", "rights", "learning_pages has not the one policy"),
        (
            "CREATE POLICY more ON learning_pages FOR SELECT TO learning_worker USING (true)",
            "rights",
            "learning_pages has not the one policy",
        ),
        (
            "ALTER POLICY own_rows ON learning_pages USING (true)",
            "rights",
            "learning_pages has not the one policy",
        ),
        ("GRANT SELECT ON dramatiq.queue TO learning_admin", "rights", "learning_admin may SELECT dramatiq.queue"),
        ("GRANT SELECT ON learning_work TO PUBLIC", "rights", "everybody may SELECT public.learning_work"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "rights", "everybody may create objects in the schema public"),
        ("CREATE TABLE mine (); ALTER TABLE mine OWNER TO learning_worker", "rights", "the owner of mine"),
    ],
)
def test_a_schema_or_rights_that_are_not_as_they_should_be_have_to_be_mended(
    check: Check, owner_url: str, act: str, name: str, told: str
) -> None:
    rows(owner_url, act)
    code, found = check()
    assert code == SETUP
    assert told in found[name]["message"]
    assert found[name]["hint"]


def test_a_direct_way_to_the_database_is_tried_where_one_is_named(check: Check, settings: dict[str, str]) -> None:
    assert check("--start", LEARNING_DIRECT_DATABASE_URL=settings["DATABASE_URL"])[0] == 0


def test_a_schema_of_a_newer_release_is_a_warning(check: Check, owner_url: str) -> None:
    rows(owner_url, "INSERT INTO learning_migrations (name, sha256) VALUES ('9999_later.sql', 'x')")
    code, found = check()
    assert (code, found["schema"]["level"]) == (0, "warning")


@pytest.fixture
def worker_role(owner_url: str) -> Iterator[Callable[[str], None]]:
    """Changes learning_worker, which belongs to the whole cluster, for one test."""

    def change(words: str) -> None:
        rows(owner_url, words)

    yield change
    rows(owner_url, f"ALTER ROLE {Role.WORKER} NOSUPERUSER NOBYPASSRLS; REVOKE postgres FROM {Role.WORKER}")


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (f"ALTER ROLE {Role.WORKER} SUPERUSER", "a superuser"),
        (f"ALTER ROLE {Role.WORKER} BYPASSRLS", "free of row-level security"),
        (f"GRANT postgres TO {Role.WORKER}", "a member of postgres"),
    ],
)
def test_a_worker_that_could_see_every_pupil_does_not_start(
    check: Check, worker_role: Callable[[str], None], act: str, told: str
) -> None:
    worker_role(act)
    code, found = check("--start")
    assert code == SETUP
    assert told in found["rights"]["message"]


def test_a_login_that_may_not_act_as_the_worker_is_refused_and_the_owner_may(
    check: Check, platform_url: str, owner_url: str
) -> None:
    code, found = check("--start", DATABASE_URL=platform_url)
    assert code == SETUP
    assert "may not act as learning_worker" in found["database"]["message"]
    assert check("--start", DATABASE_URL=owner_url)[0] == 0


@pytest.mark.usefixtures("talkative_log")
def test_a_server_that_would_log_pupils_text_is_a_warning_until_the_operator_has_done_as_it_says(
    check: Check, owner_url: str
) -> None:
    code, found = check()
    assert (code, set(found)) == (0, {"database.log"})
    assert "SET log_min_error_statement = panic" in found["database.log"]["hint"]
    ((database,),) = rows(owner_url, "SELECT current_database()")
    rows(owner_url, f'ALTER DATABASE "{database}" SET log_min_error_statement = panic')
    assert set(check()[1]) == {"database.log"}
    rows(owner_url, f'ALTER DATABASE "{database}" SET log_error_verbosity = terse')
    assert check() == (0, {})


def test_fast_asks_no_model_and_finds_the_rest(check: Check, model_server: ScriptedServer) -> None:
    # A busy machine may take longer than it waits: a probe looks again then, too.
    until(lambda: check("--fast")[0] == 0, "all in order")
    until(lambda: check("--fast", AI_VISION_MODEL="not-there")[0] == SETUP, "a missing model")
    until(lambda: check("--fast", OLLAMA_BASE_URL="http://127.0.0.1:1")[0] == AWAY, "a model server that is away")
    assert model_server.requests() == []


def sessions(postgres: DevPostgres, database: str) -> int:
    """How often somebody has connected to a database; asked from another one, once nobody is there."""
    there = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    until(lambda: rows(postgres.admin_url, there, database) == [(0,)], "the end of all sessions")
    ((count,),) = rows(postgres.admin_url, "SELECT sessions FROM pg_stat_database WHERE datname = %s", database)
    return int(count)


def test_fast_connects_once_and_imports_nothing_that_is_slow(
    settings: dict[str, str], postgres: DevPostgres, database: str
) -> None:
    before = sessions(postgres, database)
    program = "import sys; from submissions.cli import main; main(['check', '--fast']); print('modules:', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": PATH, **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    checks, _, modules = done.stdout.partition("modules:")
    assert "database" in checks  # found in order or not in time: what that costs is the question here
    assert sessions(postgres, database) - before == 1
    assert not SLOW & {name.partition(".")[0] for name in modules.split()}


def test_fast_waits_for_nobody(settings: dict[str, str]) -> None:
    with deaf_address() as address:
        begun = time.monotonic()
        done = command({**settings, "OLLAMA_BASE_URL": address}, "--fast")
        taken = time.monotonic() - begun
    assert done.returncode == AWAY
    assert "model_server          no answer in time" in done.stdout
    assert taken < 15, "a second, and what a busy machine adds; it would be half a minute"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"OLLAMA_BASE_URL": "http://127.0.0.1:1"}, "model_server"),
        ({"AI_FEEDBACK_MODEL": "not-there"}, "model.feedback"),
        ({"STORAGE_URL": "file:/not/there"}, "storage"),
    ],
)
def test_a_worker_starts_while_work_has_to_wait_and_says_what_for(
    settings: dict[str, str], changes: dict[str, str], name: str
) -> None:
    done = command({**settings, **changes}, "--start")
    assert (done.returncode, done.stdout) == (0, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"learning-worker: warning: {name}: ")


def test_start_says_nothing_when_all_is_well_and_asks_no_model(
    settings: dict[str, str], model_server: ScriptedServer
) -> None:
    done = command(settings, "--start")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert model_server.requests() == []


@pytest.mark.parametrize(
    ("changes", "act"),
    [
        ({}, "DELETE FROM learning_migrations WHERE name = '0005_working.sql'"),
        ({}, "GRANT UPDATE ON learning_submissions TO learning_worker"),
        ({"AI_TIMEOUT_VISION": "4"}, "SELECT"),
        ({"STORAGE_URL": "s3://bucket"}, "SELECT"),
        ({"OLLAMA_BASE_URL": "http://h:99999"}, "SELECT"),
    ],
)
def test_the_procfiles_worker_refuses_what_it_must_not_start_with(
    settings: dict[str, str], owner_url: str, changes: dict[str, str], act: str
) -> None:
    rows(owner_url, act)
    with Worker({**settings, **changes}) as worker:
        assert worker.process.wait(30) == SETUP
    assert not [line for line in worker.output if "booting up" in line]


def test_the_procfiles_release_line_migrates_and_checks(settings: dict[str, str], postgres: DevPostgres) -> None:
    postgres.create("learning_test_release")
    url = postgres.url("learning_test_release")
    done = subprocess.run(
        ["sh", "-c", procfile("release")],
        env={"PATH": PATH, **settings, "DATABASE_URL": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    postgres.drop("learning_test_release")
    assert done.returncode == 0, done.stderr
    assert "applied 0001_roles.sql" in done.stdout


def test_alive_tells_whether_all_worker_processes_of_this_host_live(check: Check, settings: dict[str, str]) -> None:
    def told(**changes: str) -> tuple[int, str]:
        code, found = check("--fast", "--alive", **changes)
        return code, found["worker"]["message"] if "worker" in found else ""

    # A busy machine may take longer than it waits: a probe looks again then, too.
    until(lambda: told() == (AWAY, "0 of 1 processes of this host are alive"), "none alive")
    with Worker(settings) as worker:
        worker.wait_for("worker.ready")
        until(lambda: told() == (0, ""), "all alive")
        one = (AWAY, "1 of 2 processes of this host are alive")
        until(lambda: told(WORKER_PROCESSES="2") == one, "one alive")
