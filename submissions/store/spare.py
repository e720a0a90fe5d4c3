"""The one connection that a worker process has beside those of its threads and of its queue.

Whatever looks after the process's work in the background shares it, one short statement at a time. It is opened when
it is first needed and again after it broke; each statement is a transaction of its own.
"""

from __future__ import annotations

import threading
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class in all but its spelling

from submissions.errors import DatabaseUnready, StoreAway
from submissions.store.connection import Role, connect, is_lost
from submissions.store.statements import statements


class SpareConnection:
    """Speaks as learning_worker, for no pupil: it sees nothing but what functions tell it. Thread-safe."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def rows(self, name: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a named statement. Raises StoreAway, DatabaseUnready."""
        with self._lock:
            try:
                with self._opened().cursor() as cursor:
                    cursor.execute(statements()[name], values)
                    return cursor.fetchall()
            except psycopg2.Error as problem:
                self._forget()
                if is_lost(problem):
                    raise StoreAway("the connection to Postgres was lost") from None
                raise DatabaseUnready(
                    f"Postgres refused {name} ({type(problem).__name__}): run `python -m submissions check`"
                ) from None

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _opened(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._url, Role.WORKER)
            self._connection.autocommit = True
        return self._connection

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
