"""Migrations: once, in order, under a lock, from several release processes at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.dev_postgres import DevPostgres
from submissions.errors import DatabaseUnready, StoreAway
from submissions.store.migrate import FOLDER, migrate
from tests.factories import rows


@pytest.fixture
def empty(postgres: DevPostgres) -> Iterator[str]:
    """The owner's URL of a database without our schema."""
    postgres.create("learning_test_empty")
    yield postgres.url("learning_test_empty")
    postgres.drop("learning_test_empty")


def test_several_release_processes_apply_each_file_once(empty: str) -> None:
    command = [sys.executable, "-m", "submissions", "migrate"]
    environment = {"DATABASE_URL": empty, "PATH": ""}
    runs = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    outputs = [run.communicate(timeout=60)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0, 0]
    names = sorted(path.name for path in FOLDER.glob("*.sql"))
    assert sorted("".join(outputs).replace("applied ", "").replace("the schema is up to date\n", "").split()) == names
    assert rows(empty, "SELECT count(*) FROM learning_migrations") == [(len(names),)]


def test_a_file_that_fails_leaves_nothing_of_itself(empty: str, tmp_path: Path) -> None:
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE good ()")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE half (); SELECT 1 / 0")
    with pytest.raises(DatabaseUnready, match=r"could not be brought up to date: DivisionByZero \(22012\)"):
        migrate(empty, tmp_path)
    assert rows(empty, "SELECT to_regclass('good') IS NOT NULL, to_regclass('half') IS NULL") == [(True, True)]


def test_a_table_of_the_worker_before_is_named(empty: str) -> None:
    rows(empty, "CREATE TABLE learning_submissions ()")
    with pytest.raises(DatabaseUnready, match="a table of one of our names is there already and not ours"):
        migrate(empty)


def test_a_connection_that_is_lost_while_migrating_is_no_traceback(empty: str, tmp_path: Path) -> None:
    (tmp_path / "0001_cut.sql").write_text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(StoreAway, match="run `migrate` again"):
        migrate(empty, tmp_path)


def test_a_file_that_was_changed_later_is_refused(empty: str, tmp_path: Path) -> None:
    file = tmp_path / "0001_first.sql"
    file.write_text("CREATE TABLE first ()")
    assert migrate(empty, tmp_path) == ["0001_first.sql"]
    file.write_text("CREATE TABLE first (id int)")
    with pytest.raises(DatabaseUnready, match=r"0001_first\.sql was changed"):
        migrate(empty, tmp_path)


def test_the_worker_role_may_not_migrate_because_it_must_own_nothing(worker_url: str) -> None:
    with pytest.raises(DatabaseUnready, match="learning_worker must own nothing"):
        migrate(worker_url)
