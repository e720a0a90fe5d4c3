"""The database: reachable, its schema that of this release, the worker's rights as small as they should be."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

from submissions.checks.finding import Finding, Level, fine, told, warning, wrong
from submissions.errors import DatabaseUnready, StoreAway
from submissions.settings import Settings
from submissions.store.readiness import Readiness, look

#: So many wrong rights are told by name.
SHOWN = 3

#: The command that brings a schema up to date.
MIGRATE = "run `python -m submissions migrate`"

#: Connections of a worker process beside those of its threads, and of the exporter.
BESIDE_THREADS, EXPORTER = 3, 1


def check_database(settings: Settings) -> Iterator[Finding]:
    try:
        found = look(settings.database_url)
    except DatabaseUnready as problem:
        yield told("schema" if str(problem).startswith("the schema") else "database", problem, away=False)
    except StoreAway as problem:
        yield told("database", problem, away=True)
    else:
        yield fine("database", f"reachable as {found.role}")
        yield from [*_schema(found)] or [fine("schema", "that of this release")]
        yield from [*_rights(found)] or [fine("rights", "as small as they should be, and no smaller")]
        yield from _connections(settings, found)
        yield from _log(found)


def check_direct(settings: Settings) -> Iterator[Finding]:
    """The way past a pooling PgBouncer, where one is named: sessions last there, so signs of life and notices do."""
    if not settings.direct_database_url:
        return
    try:
        look(settings.direct_database_url)
    except (DatabaseUnready, StoreAway) as problem:
        hint = "check LEARNING_DIRECT_DATABASE_URL, or set WORKER_LISTEN=off"
        yield replace(told("database.direct", problem, away=isinstance(problem, StoreAway)), hint=hint)
    else:
        yield fine("database.direct", "reachable, too")


def check_alive(settings: Settings) -> Iterator[Finding]:
    """Whether every worker process that belongs to this host is alive: asked by a health probe beside the worker."""
    try:
        alive = look(settings.database_url).workers.get(socket.gethostname(), 0)
    except (DatabaseUnready, StoreAway) as problem:
        yield told("worker", problem, away=isinstance(problem, StoreAway))
        return
    message = f"{alive} of {settings.worker_processes} processes of this host are alive"
    if alive >= settings.worker_processes:
        yield fine("worker", message)
    else:
        yield Finding("worker", Level.ERROR, message, "start the worker, or look into its log", away=True)


def _schema(found: Readiness) -> Iterator[Finding]:
    if found.missing:
        yield wrong("schema", f"it is {len(found.missing)} migration(s) behind this release", MIGRATE)
    if found.changed:
        yield wrong("schema", f"{', '.join(found.changed)} was changed after it was applied", "restore the file")
    if found.unknown:
        yield warning("schema", "it is newer than this release", "deploy the newer release here, too")


def _rights(found: Readiness) -> Iterator[Finding]:
    if found.powers:
        yield wrong(
            "rights",
            f"the worker's role must be an ordinary one, but it is {' and '.join(found.powers)}",
            "log in as learning_worker, or as a role that may switch to it and is none of this",
        )
    elif found.rights and not found.missing:
        more = [f"and {len(found.rights) - SHOWN} more"] if len(found.rights) > SHOWN else []
        words = "; ".join([*found.rights[:SHOWN], *more])
        yield wrong("rights", words, "grant and revoke as the migrations do, as the owner")


def _connections(settings: Settings, found: Readiness) -> Iterator[Finding]:
    needed = settings.worker_processes * (settings.worker_concurrency + BESIDE_THREADS) + EXPORTER
    if needed > found.connections:
        yield warning(
            "database.connections",
            f"the worker may need {needed} connections, and the database gives it {found.connections} at most",
            "raise max_connections, or lower WORKER_PROCESSES or WORKER_CONCURRENCY",
        )


def _log(found: Readiness) -> Iterator[Finding]:
    if found.logs_statements:
        yield warning(
            "database.log",
            "Postgres may write a failing statement to its log with the pupil's text in it",
            "as a superuser: GRANT SET ON PARAMETER log_min_error_statement, log_error_verbosity TO learning_worker, or"
            " ALTER DATABASE … SET log_min_error_statement = panic, and … SET log_error_verbosity = terse",
        )
