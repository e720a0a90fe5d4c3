"""The one Postgres of a run: a fresh database for each trial, cloned from a template that the system prepared once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class in all but its spelling

from bench.broker.systems import Facts
from scripts.dev_postgres import DevPostgres

#: What our own sessions are called, so that nobody counts them as a worker's.
APPLICATION = "bench"

#: How many sessions others have in this database; the argument is APPLICATION. Autovacuum works there too, and is none.
SESSIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> %s
"""

#: Settings that a figure depends on, for the result.
STATED = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size")


class Unfit(Exception):
    """The server is not one to measure on: {reason}."""


class Server:
    """Databases are called bench_…; those of an earlier run that died are replaced. Raises Unfit without fsync."""

    def __init__(self, postgres: DevPostgres) -> None:
        self._postgres = postgres
        self._prepared: set[str] = set()
        self._number = 0
        self._lock = threading.Lock()
        if self.settings()["fsync"] != "on":
            raise Unfit(
                "fsync is off in this Postgres: set it to on, or unset DATABASE_URL to measure on an embedded one"
            )

    def settings(self) -> dict[str, str]:
        """What STATED names, and its value."""
        with self.session() as cursor:
            cursor.execute("SELECT name, current_setting(name) FROM unnest(%s) AS name", (list(STATED),))
            return dict(cursor.fetchall())

    def fresh(self, system: Facts, prepare: Callable[[str], None]) -> str:
        """The name of a new database with the schema of a system."""
        with self._lock:  # nobody may be in a template that is cloned
            template = _template(system.module)
            if system.module not in self._prepared:
                self._postgres.create(template)
                with self.session(template) as cursor:
                    cursor.execute("CREATE TABLE public.domain (key bigint)")
                prepare(template)
                self._prepared.add(system.module)
            self._number += 1
            name = f"bench_{system.module}_{self._number}"
            self._postgres.create(name, template)
            return name

    def drop(self, name: str) -> None:
        self._postgres.drop(name)

    def url(self, name: str) -> str:
        return self._postgres.url(name)

    @contextmanager
    def session(self, name: str | None = None) -> Iterator[Cursor]:
        """A short look into a database, as its owner; every statement commits by itself."""
        url = self._postgres.url(name) if name else self._postgres.admin_url
        connection = psycopg2.connect(url, application_name=APPLICATION)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def close(self) -> None:
        """Drop the templates."""
        for module in self._prepared:
            self._postgres.drop(_template(module))


def _template(module: str) -> str:
    return f"bench_{module}_template"
