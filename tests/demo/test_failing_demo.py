"""Demos that do not go well: each says in one line why, and leaves nothing running."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2
import pytest

from modelserver.testing import ScriptedServer
from scripts.demo.database import NAME
from scripts.demo.workplace import Workplace
from scripts.dev_postgres import DevPostgres
from tests.demo.running import ROOT, ended, left_behind, start_demo
from tests.factories import rows


def test_a_sample_that_fails_is_named_and_the_others_complete_on_servers_that_were_there_before(
    folder: Path, postgres: DevPostgres, model_server: ScriptedServer, ollama: dict[str, str], tmp_path: Path
) -> None:
    for name in ("typed-text.txt", "typed-text.task.yaml"):
        shutil.copy(ROOT / "samples" / name, tmp_path)
    shutil.copy(ROOT / "samples" / "photo-page.task.yaml", tmp_path / "torn.task.yaml")
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))

    run = ended(start_demo(folder, f"--samples={tmp_path}", DATABASE_URL=postgres.admin_url, **ollama))

    assert run.returncode == 1
    assert "1 of 2 samples completed" in run.stdout
    assert "Torn: it failed (input_corrupt" in run.stderr
    assert "worker.log" in run.stderr
    assert (folder / "report.html").exists()
    assert [call["model"] for call in model_server.requests()] == ["scripted-text"]
    assert rows(postgres.url(NAME), "SELECT count(*) FROM learning_submissions") == [(2,)]
    assert left_behind(folder) == []


def test_ctrl_c_in_the_middle_stops_everything(
    held_demo: subprocess.Popen[str], folder: Path, model_server: ScriptedServer
) -> None:
    os.killpg(held_demo.pid, signal.SIGINT)
    run = ended(held_demo)

    assert run.returncode == 128 + signal.SIGINT
    assert run.stderr.splitlines() == ["demo: stopped by SIGINT; nothing that it started is left"]
    assert left_behind(folder) == []
    assert model_server.state()["in_flight"] == 0


def test_a_worker_that_dies_is_noticed_and_its_last_lines_are_shown(
    held_demo: subprocess.Popen[str], folder: Path
) -> None:
    (worker,) = (int(each.partition(":")[0]) for each in left_behind(folder) if is_master(each, held_demo.pid))
    os.kill(worker, signal.SIGKILL)
    run = ended(held_demo)

    assert run.returncode == 1
    assert "the worker ended by itself with exit code -9" in run.stderr
    assert "attempt.started" in run.stderr
    assert left_behind(folder) == []


def is_master(process: str, demo: int) -> bool:
    """Whether this is the worker that the demo started, and none of its children."""
    status = Path(f"/proc/{process.partition(':')[0]}/status").read_text(encoding="utf-8")
    return "dramatiq" in process and f"PPid:\t{demo}\n" in status


def test_a_second_demo_in_the_same_folder_is_told_to_wait(folder: Path) -> None:
    with Workplace(folder):
        run = ended(start_demo(folder))

    assert run.returncode == 1
    assert run.stderr.splitlines() == [f"demo: another demo is running (process {os.getpid()}): wait for its end"]


def test_a_database_that_no_demo_made_is_left_alone(folder: Path, postgres: DevPostgres) -> None:
    postgres.create(NAME)
    rows(postgres.url(NAME), "CREATE TABLE precious ()")

    run = ended(start_demo(folder, DATABASE_URL=postgres.admin_url))

    assert run.returncode == 1
    assert f"has a database {NAME} that no demo made" in run.stderr
    assert rows(postgres.url(NAME), "SELECT count(*) FROM precious") == [(0,)]
    postgres.drop(NAME)


def test_a_database_that_somebody_works_with_is_left_alone(folder: Path, postgres: DevPostgres) -> None:
    postgres.create(NAME)
    rows(postgres.admin_url, f"COMMENT ON DATABASE {NAME} IS 'made by make demo, which makes it anew each time'")
    somebody = psycopg2.connect(postgres.url(NAME))

    run = ended(start_demo(folder, DATABASE_URL=postgres.admin_url))

    assert run.returncode == 1
    assert f"somebody works with the database {NAME}" in run.stderr
    assert not somebody.closed
    somebody.close()
    postgres.drop(NAME)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://127.0.0.1:1/nowhere", "does not answer"),
        ("mysql://127.0.0.1/school", "is not a Postgres URL"),
    ],
)
def test_a_database_url_that_leads_nowhere_is_told_in_one_line(folder: Path, url: str, said: str) -> None:
    run = ended(start_demo(folder, DATABASE_URL=url))

    assert run.returncode == 1
    assert said in run.stderr
    assert "or unset DATABASE_URL" in run.stderr
    assert len(run.stderr.splitlines()) == 1
