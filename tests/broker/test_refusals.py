"""A worker that cannot use the queue says in one line what to do, and exits."""

from __future__ import annotations

import logging

import pytest
from psycopg2.extensions import make_dsn

from postgres_queue.errors import QueueUnready
from scripts.dev_postgres import DevPostgres
from submissions.store.connection import Role
from tests.broker.lab import Lab
from tests.conftest import TEMPLATE

EXIT_UNREADY = 3


def _refusal(lab: Lab, **environment: str) -> str:
    """The one line that a worker says before it exits."""
    master = lab.unready_worker(**environment)
    try:
        assert master.wait() == EXIT_UNREADY
        (line,) = [line for line in master.output.splitlines() if "[learning.queue]" in line]
        assert "Traceback" not in master.output
        return line
    finally:
        master.destroy()


URLS = {
    "": "no database is named: set DATABASE_URL",
    "pupil:hunter2@school/queue": "DATABASE_URL is not a Postgres URL",
    "postgresql://pupil:hunter2@127.0.0.1:1/nothing": "Connection refused",
}


@pytest.mark.parametrize("url", URLS, ids=["missing", "no URL", "nobody listens"])
def test_a_wrong_url_ends_the_worker_with_one_line_that_shows_no_password(lab: Lab, url: str) -> None:
    line = _refusal(lab, TRIAL_URL=url)
    assert URLS[url] in line
    assert "hunter2" not in line


def test_a_database_that_does_not_exist_is_named(lab: Lab) -> None:
    missing = make_dsn(lab.worker_url, dbname="no_such_database")
    assert 'database "no_such_database" does not exist' in _refusal(lab, TRIAL_URL=missing)


@pytest.mark.parametrize("variable", ["TRIAL_URL", "TRIAL_DIRECT_URL"])
def test_beside_a_direct_url_each_url_has_to_lead_to_the_queue(lab: Lab, variable: str) -> None:
    urls = {"TRIAL_URL": lab.worker_url, "TRIAL_DIRECT_URL": lab.worker_url}
    line = _refusal(lab, **urls | {variable: make_dsn(lab.worker_url, dbname="postgres")})
    name = {"TRIAL_URL": "DATABASE_URL", "TRIAL_DIRECT_URL": "LEARNING_DIRECT_DATABASE_URL"}[variable]
    assert f"missing in the database of {name}: run" in line


def test_a_direct_url_to_another_queue_is_refused(lab: Lab, postgres: DevPostgres) -> None:
    """Both have the schema; claims in the one and presence in the other would look as if everybody were dead."""
    name = f"{TEMPLATE}_other"
    postgres.create(name, TEMPLATE)
    try:
        line = _refusal(lab, TRIAL_DIRECT_URL=postgres.url(name, Role.WORKER))
        assert "LEARNING_DIRECT_DATABASE_URL leads to another database than DATABASE_URL" in line
    finally:
        postgres.drop(name)


SCHEMAS = {
    "missing": "DROP SCHEMA dramatiq CASCADE",
    "stock's": "ALTER TABLE dramatiq.queue DROP COLUMN priority CASCADE, DROP COLUMN delivery CASCADE",
    "without our tables": "DROP TABLE dramatiq.worker CASCADE",
    "without our functions": "DROP FUNCTION dramatiq.presence_class CASCADE",
}


@pytest.mark.parametrize("state", SCHEMAS)
def test_a_missing_or_old_schema_ends_the_worker_with_the_command_to_run(lab: Lab, state: str) -> None:
    lab.run(SCHEMAS[state])
    assert "run `python -m submissions migrate`" in _refusal(lab)


def test_a_login_without_rights_on_the_queue_is_told_which_to_grant(lab: Lab) -> None:
    lab.run("REVOKE ALL ON dramatiq.queue FROM learning_worker")
    assert "GRANT learning_worker TO it" in _refusal(lab)


def test_consuming_without_a_worker_is_refused(lab: Lab) -> None:
    from tests.broker.producing import trial_broker  # noqa: PLC0415

    with trial_broker(lab) as actors, pytest.raises(QueueUnready, match="Dramatiq worker"):
        actors.broker.consume("trial")


def test_the_retries_middleware_is_refused(lab: Lab) -> None:
    from dramatiq.middleware import Retries  # noqa: PLC0415

    from tests.broker.producing import trial_broker  # noqa: PLC0415

    with trial_broker(lab) as actors, pytest.raises(ValueError, match="Redeliver"):
        actors.broker.add_middleware(Retries())


def test_a_record_of_dramatiq_loses_the_text_of_its_exception(caplog: pytest.LogCaptureFixture) -> None:
    from postgres_queue.logs import quieten  # noqa: PLC0415

    quieten("dramatiq.worker.WorkerThread")
    logger = logging.getLogger("dramatiq.worker.WorkerThread")
    try:
        raise ValueError("Chloroplasten")
    except ValueError:
        logger.exception("Failed to process message %s", "note[1]")
    assert "Failed to process message note[1] [ValueError at" in caplog.text
    assert "Chloroplasten" not in caplog.text
