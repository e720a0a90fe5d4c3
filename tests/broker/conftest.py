"""Fixtures of the queue's tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from submissions.store.connection import Role
from tests.broker.lab import Lab
from tests.own_server import OwnServer


@pytest.fixture
def lab(owner_url: str, worker_url: str) -> Iterator[Lab]:
    """A fresh queue."""
    lab = Lab(owner_url, worker_url)
    yield lab
    lab.close()


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


@pytest.fixture
def vacuumed_lab(own_lab: Lab) -> Iterator[Lab]:
    """The same, where autovacuum looks once a second what there is to do."""
    own_lab.run("ALTER SYSTEM SET autovacuum_naptime = '1s'")
    own_lab.run("SELECT pg_reload_conf()")
    yield own_lab
    own_lab.run("ALTER SYSTEM RESET autovacuum_naptime")
    own_lab.run("SELECT pg_reload_conf()")
