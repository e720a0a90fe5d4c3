"""A connection of the queue: opened when it is needed, forgotten when it broke.

Everything runs in autocommit: one statement, one transaction, so nothing is ever left open. Where the server is reached
through a transaction-pooling PgBouncer (`pooled`), the session is not ours and no setting of it is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class in all but its spelling
from psycopg2.extensions import make_dsn, parse_dsn

from postgres_queue.errors import QueueUnready
from postgres_queue.prepared import prepared
from postgres_queue.statements import STATEMENTS

#: A host that dies sends no FIN: notice within about ten seconds that nobody answers. Seconds and milliseconds.
_KEEPALIVES = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

#: First release that can say whether we may set log_min_error_statement.
_PARAMETER_PRIVILEGES = 150_000


def is_disconnect(error: psycopg2.Error) -> bool:
    """Whether the connection is to blame and not the statement; a connection lost in mid-reply has no SQLSTATE."""
    return isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) or error.pgcode is None


@dataclass(frozen=True, slots=True)
class Target:
    """Where the queue is: a Postgres URL, the role to speak as (None: the login itself), and whether it is pooled.

    variable: where an operator sets the URL, for messages.
    """

    url: str
    role: str | None = None
    pooled: bool = False
    variable: str = "DATABASE_URL"

    def dsn(self, name: str) -> str:
        """The connection string. What the URL says itself wins. Raises QueueUnready for one that is none."""
        if not self.url:
            raise QueueUnready(
                f"no database is named: set {self.variable}=postgresql://user:password@host/name, then start again"
            )
        try:
            parts = parse_dsn(self.url)
        except psycopg2.ProgrammingError:  # its text quotes the URL, password included
            raise QueueUnready(f"{self.variable} is not a Postgres URL: postgresql://user:password@host/name") from None
        if self.role is not None and parts.get("user") != self.role:
            parts["options"] = f"{parts.get('options', '')} -c role={self.role}".strip()
        dsn: str = make_dsn(**{"application_name": f"learning-worker {name}", **_KEEPALIVES, **parts})
        return dsn


class Session:
    """One connection to a target. Not for use by two threads at once."""

    def __init__(self, target: Target, name: str) -> None:
        self._target = target
        self._name = name
        self._connection: Connection | None = None
        self._known: set[str] = set()

    @property
    def variable(self) -> str:
        return self._target.variable

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def connection(self) -> Connection:
        """The open connection; opens it. Raises psycopg2.Error, or QueueUnready for an impossible URL."""
        if self._connection is None:
            connection = psycopg2.connect(self._target.dsn(self._name))
            try:
                connection.autocommit = True
                if not self._target.pooled:
                    _settle_in(connection)
            except psycopg2.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def run(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run a named statement and return its rows, if it has any. After an error the connection is gone."""
        return self._run([STATEMENTS[statement]], values)

    def run_prepared(self, statement: str, literals: Mapping[str, int], **values: Any) -> list[tuple[Any, ...]]:
        """The same for a hot statement, planned once per connection and set of literals; not through a pool."""
        if self._target.pooled:
            return self.run(statement, **literals, **values)
        plan = prepared(statement, literals)
        new = self._connection is None or plan.name not in self._known
        rows = self._run([plan.create, plan.execute] if new else [plan.execute], values)
        self._known.add(plan.name)
        return rows

    def _run(self, texts: list[str], values: dict[str, Any]) -> list[tuple[Any, ...]]:
        try:
            with self.connection().cursor() as cursor:
                for text in texts:
                    cursor.execute(text, values)
                return cursor.fetchall() if cursor.description else []
        except psycopg2.Error:
            self.close()
            raise

    def close(self) -> None:
        """Forget the connection. Never raises."""
        connection, self._connection = self._connection, None
        self._known.clear()
        if connection is not None:
            connection.close()

    def abandon(self) -> None:
        """Forget a connection that belongs to the parent process: closing it would end the parent's session."""
        if self._connection is not None:
            _INHERITED.append(self._connection)
            self._connection = None


#: Connections of a parent process, kept from the garbage collector, which would close them.
_INHERITED: list[Connection] = []


def _settle_in(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS["session_settings"])
        if connection.server_version >= _PARAMETER_PRIVILEGES:
            cursor.execute(STATEMENTS["quiet_log"])
