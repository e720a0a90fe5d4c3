"""Applies the files of migrations/ once, in order, each in a transaction of its own.

Runs in the Procfile's release line, as the owner of the schema. Several release processes may run it at once: a
session lock lets one work, and the others find nothing left to do. A file that was changed after it was applied is
refused, because nobody could say any more what the schema is.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from submissions.errors import DatabaseUnready, StoreAway
from submissions.store.connection import Role, connect, is_lost

FOLDER = Path(__file__).parent.parent / "migrations"

#: Held while migrating; any constant that nobody else uses.
LOCK = 7_214_009_115

_LEDGER = """
CREATE TABLE IF NOT EXISTS public.learning_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


def migrate(url: str, folder: Path = FOLDER) -> list[str]:
    """Bring the schema up to date; returns the names of the files that were applied now."""
    connection = connect(url, None)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            _refuse_our_own_roles(cursor)
            cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            cursor.execute(_LEDGER)
            return [path.name for path in sorted(folder.glob("*.sql")) if _apply(cursor, path)]
    except psycopg2.Error as problem:
        raise _refusal(problem) from None
    finally:
        connection.close()


def _refusal(problem: psycopg2.Error) -> StoreAway | DatabaseUnready:
    """What kept a file from being applied. Nothing of that file is left; those before it are applied."""
    if is_lost(problem):
        return StoreAway("the connection to Postgres was lost: run `migrate` again")
    if isinstance(problem, psycopg2.errors.InsufficientPrivilege):
        return DatabaseUnready(
            "this login may not create roles and tables: set LEARNING_OWNER_DATABASE_URL to the owner's URL"
        )
    if isinstance(problem, psycopg2.errors.DuplicateTable):
        return DatabaseUnready(
            "a table of one of our names is there already and not ours (learning_submissions of the worker before?): "
            "rename it or take a database of its own, then run `migrate` again"
        )
    return DatabaseUnready(
        f"the schema could not be brought up to date: {type(problem).__name__} ({problem.pgcode}); see Postgres's log"
    )


def expected(folder: Path = FOLDER) -> dict[str, str]:
    """The migrations of this release: name → SHA-256."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.sql"))}


def _apply(cursor: Cursor, path: Path) -> bool:
    """Apply one file unless it stands in the ledger; says whether it did."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    cursor.execute("SELECT sha256 FROM public.learning_migrations WHERE name = %s", (path.name,))
    row = cursor.fetchone()
    if row:
        if row[0] != digest:
            raise DatabaseUnready(f"{path.name} was changed after it was applied: restore it, and add a new file")
        return False
    cursor.execute("BEGIN")
    try:
        cursor.execute(path.read_text(encoding="utf-8"))
        cursor.execute("INSERT INTO public.learning_migrations (name, sha256) VALUES (%s, %s)", (path.name, digest))
        cursor.execute("COMMIT")
    except psycopg2.Error:
        cursor.execute("ROLLBACK")
        raise
    return True


def _refuse_our_own_roles(cursor: Cursor) -> None:
    cursor.execute("SELECT current_user")
    (user,) = cursor.fetchone() or ("",)
    if user in set(Role):
        raise DatabaseUnready(f"{user} must own nothing: migrate with LEARNING_OWNER_DATABASE_URL, as the owner")
