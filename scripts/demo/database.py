"""A fresh database for the demo, on an embedded Postgres or on the server of DATABASE_URL.

On a server that was there before, nothing is touched but the database `learning_demo`, and that only if a demo made it:
its comment says so. Roles belong to the whole server; there our processes switch to them, and no password is set.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import psycopg2

from scripts.demo.child import Start
from scripts.demo.failure import DemoFailed
from scripts.demo.workplace import Workplace, shown
from scripts.dev_postgres import DevPostgres
from submissions.errors import DatabaseUnready, StoreAway
from submissions.store.connection import Role, connect

NAME = "learning_demo"
MIGRATE_SECONDS = 120.0
_MARK = "made by make demo, which makes it anew each time"

_IN_THE_WAY = """
SELECT shobj_description(oid, 'pg_database') IS DISTINCT FROM %s,
       EXISTS (
           SELECT FROM pg_stat_activity a WHERE a.datname = pg_database.datname AND a.backend_type = 'client backend'
       )
FROM pg_database WHERE datname = %s
"""


@dataclass(frozen=True, slots=True)
class Database:
    """The URLs for worker and submitter, and a line about where the database is."""

    worker_url: str
    platform_url: str
    description: str


def start_postgres(place: Workplace) -> DevPostgres:
    """The server; the caller stops it. Raises DemoFailed."""
    try:
        postgres = DevPostgres.start(place.postgres)
        connect(postgres.admin_url, None).close()
    except (StoreAway, DatabaseUnready) as problem:
        raise DemoFailed(f"{problem}; or unset DATABASE_URL, and the demo brings a Postgres of its own") from None
    except (subprocess.SubprocessError, OSError) as problem:
        log = place.postgres / "log"
        raise DemoFailed(f"the embedded Postgres did not start ({type(problem).__name__}); its log:", log) from None
    return postgres


def prepare(postgres: DevPostgres, base: Mapping[str, str], place: Workplace, start: Start) -> Database:
    """Make the database and its schema. Raises DemoFailed."""
    is_given = bool(os.environ.get("DATABASE_URL"))
    try:
        if is_given:
            _refuse_foreign(postgres)
        postgres.create(NAME)
        _mark(postgres)
        _migrate(postgres.url(NAME), base, place, start)
        if not is_given:
            postgres.migrate(NAME)  # nothing is left to apply; it lets the roles log in
    except psycopg2.Error as problem:
        raise DemoFailed(
            f"Postgres refused to make the database {NAME} ({type(problem).__name__}): the demo needs a login that may"
            " create databases and roles, or no DATABASE_URL at all"
        ) from None
    if is_given:
        return Database(postgres.url(NAME), postgres.url(NAME), f"that of DATABASE_URL, database {NAME}")
    worker_url, platform_url = (postgres.url(NAME, role) for role in (Role.WORKER, Role.PLATFORM))
    return Database(worker_url, platform_url, f"embedded, data in {shown(place.postgres)}")


def _migrate(owner_url: str, base: Mapping[str, str], place: Workplace, start: Start) -> None:
    """As a release does it."""
    command = [sys.executable, "-m", "submissions", "migrate"]
    start("migration", command, place.migrate_log, {**base, "DATABASE_URL": owner_url}).finish(MIGRATE_SECONDS)


def _refuse_foreign(postgres: DevPostgres) -> None:
    """Raise DemoFailed if there is a database of our name that is not ours, or that somebody works with."""
    with closing(connect(postgres.admin_url, None)) as connection, connection.cursor() as cursor:
        cursor.execute(_IN_THE_WAY, (_MARK, NAME))
        is_foreign, is_in_use = cursor.fetchone() or (False, False)
    if is_foreign:
        raise DemoFailed(f"the server of DATABASE_URL has a database {NAME} that no demo made: rename it first")
    if is_in_use:
        raise DemoFailed(f"somebody works with the database {NAME} of DATABASE_URL, perhaps another demo: wait for it")


def _mark(postgres: DevPostgres) -> None:
    with closing(connect(postgres.admin_url, None)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE {NAME} IS %s", (_MARK,))
