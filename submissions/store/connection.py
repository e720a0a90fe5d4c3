"""How a connection to Postgres is made, and what its failures are called.

Each attempt, each command and each test makes its own; none is shared between threads. The connection speaks as one
of our roles, never as whoever owns the schema: where the login is another one, it switches (`SET ROLE` at start).
No error of psycopg2 leaves this package with its text: a failing statement's message may quote the pupil.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class in all but its spelling
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extensions import make_dsn, parse_dsn

from submissions.errors import DatabaseUnready, StoreAway, StoreRefused
from submissions.store.statements import statements

#: A host that dies sends no FIN: notice within about ten seconds that nobody answers. Seconds and milliseconds.
KEEPALIVES = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

#: What a database says that was never migrated, or not to this release.
NO_SCHEMA = (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedFunction, psycopg2.errors.UndefinedColumn)

#: First release that can say whether we may set what stands in the server's log.
_PARAMETER_PRIVILEGES = 150_000

#: The last: there is no such login.
_LOGIN_REFUSED = ("authentication failed", "no password supplied", r"pg_hba\.conf", 'role ".*" does not exist')


class Role(StrEnum):
    """The roles that 0001_roles.sql makes."""

    WORKER = "learning_worker"
    PLATFORM = "learning_platform"
    ADMIN = "learning_admin"


def dsn_for(url: str, role: Role | None) -> str:
    """The connection string of `url`, speaking as `role` (None: as the login itself)."""
    if not url:
        raise DatabaseUnready(
            "no database is named: set DATABASE_URL=postgresql://user:password@host/name (make demo brings its own)"
        )
    try:
        parts = parse_dsn(url)
    except psycopg2.ProgrammingError:
        raise DatabaseUnready("DATABASE_URL is not a Postgres URL: postgresql://user:password@host/name") from None
    if role is not None and parts.get("user") != role:
        parts["options"] = f"{parts.get('options', '')} -c role={role}".strip()
    dsn: str = make_dsn(**{"application_name": "learning-worker", **KEEPALIVES, **parts})
    return dsn


def connect(url: str, role: Role | None) -> Connection:
    """A new connection.

    Raises DatabaseUnready where no retry would help (role, password, database name), else StoreAway.
    """
    dsn = dsn_for(url, role)
    try:
        return psycopg2.connect(dsn)
    except psycopg2.OperationalError as problem:
        raise _connect_failure(str(problem), parse_dsn(dsn), role) from None


def _connect_failure(text: str, parts: dict[str, Any], role: Role | None) -> Exception:
    """psycopg2 gives no SQLSTATE for a refused connection: the server's words are all there is."""
    place = f"{parts.get('host', 'the local socket')}:{parts.get('port', 5432)}"
    if "permission denied to set role" in text or (role and f'role "{role}" does not exist' in text):
        return DatabaseUnready(
            f"the login of DATABASE_URL may not act as {role}: run `python -m submissions migrate` as the owner, "
            f"then `GRANT {role} TO <login>`"
        )
    if any(re.search(each, text) for each in _LOGIN_REFUSED):
        return DatabaseUnready(f"Postgres at {place} refused the login of DATABASE_URL: check user and password")
    if re.search('database ".*" does not exist', text):
        return DatabaseUnready(f"Postgres at {place} has no database of that name: create it, then migrate")
    return StoreAway(f"Postgres at {place} does not answer: is it running, and is DATABASE_URL right?")


def is_lost(problem: psycopg2.Error) -> bool:
    """Whether the connection is to blame, or a server that takes no writes because another is taking its place.

    A connection that is lost in the middle of a reply has no SQLSTATE; nor has a value that psycopg2 itself refuses.
    """
    if isinstance(problem, psycopg2.ProgrammingError | psycopg2.DataError | psycopg2.NotSupportedError):
        return False
    away = psycopg2.OperationalError | psycopg2.InterfaceError | psycopg2.errors.ReadOnlySqlTransaction
    return isinstance(problem, away) or problem.pgcode is None


def failure(problem: psycopg2.Error) -> StoreAway | DatabaseUnready | StoreRefused:
    """What a failed statement means, without its text."""
    if is_lost(problem):
        return StoreAway("the connection to Postgres was lost")
    if isinstance(problem, NO_SCHEMA):
        return DatabaseUnready("the schema is missing or old: run `python -m submissions migrate`")
    if isinstance(problem, psycopg2.errors.InsufficientPrivilege):
        return DatabaseUnready(
            "our role may not even look at the schema: run `python -m submissions migrate` as the owner"
        )
    return StoreRefused(f"Postgres refused a statement: {type(problem).__name__} ({problem.pgcode})")


@contextmanager
def transaction(url: str, role: Role, student_sub: str | None = None) -> Iterator[Cursor]:
    """One connection, one short transaction; it speaks for one pupil if `student_sub` is given."""
    connection = connect(url, role)
    try:
        with connection, connection.cursor() as cursor:
            if connection.server_version >= _PARAMETER_PRIVILEGES:
                cursor.execute(statements()["quiet_log"])
            if student_sub is not None:
                cursor.execute("SELECT set_config('app.current_sub', %s, true)", (student_sub,))
            yield cursor
    except psycopg2.Error as problem:
        raise failure(problem) from None
    finally:
        connection.close()
