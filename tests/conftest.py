"""Fixtures of every folder: a Postgres with a fresh migrated database for each test, a scripted model server."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelserver.testing import ScriptedServer
from scripts.dev_postgres import DevPostgres
from submissions.store.connection import Role
from tests.own_server import OwnServer

TEMPLATE = f"learning_test_template_{os.getpid()}"

_numbers = itertools.count()

#: Files that take a minute or more: they begin first, so that none still runs when all others are done.
LONG = (
    "store/test_postgres_15.py",
    "inputs/test_bad_inputs.py",
    "worker/test_long_documents.py",
    "feedback/test_injections.py",
    "chaos/test_chaos.py",
    "worker/test_whole_path.py",
    "broker/test_upkeep.py",
    "broker/test_death.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, in this order; all others as they come."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get("/".join(item.path.parts[-2:]), len(LONG)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[DevPostgres]:
    """The server; its template database holds the schema."""
    folder = Path(tempfile.mkdtemp(prefix="learning-test-"))
    server = DevPostgres.start(folder / "postgres")
    server.create(TEMPLATE)
    with (Path(tempfile.gettempdir()) / "learning-test.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # roles belong to the server, and pytest-xdist's processes may share one
        server.migrate(TEMPLATE)
    yield server
    server.drop(TEMPLATE)
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def own_server() -> Iterator[OwnServer]:
    """Another one, for what stops and starts it."""
    folder = Path(tempfile.mkdtemp(prefix="learning-test-"))
    server = OwnServer(folder / "postgres")
    yield server
    server.postgres.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres: DevPostgres) -> Iterator[str]:
    """The name of a fresh database."""
    name = f"learning_test_{os.getpid()}_{next(_numbers)}"
    postgres.create(name, TEMPLATE)
    yield name
    postgres.drop(name)


@pytest.fixture
def owner_url(postgres: DevPostgres, database: str) -> str:
    """Logs in as the owner: for arranging what only an owner may."""
    return postgres.url(database)


@pytest.fixture
def worker_url(postgres: DevPostgres, database: str) -> str:
    """Logs in as learning_worker."""
    return postgres.url(database, Role.WORKER)


@pytest.fixture
def platform_url(postgres: DevPostgres, database: str) -> str:
    """Logs in as learning_platform."""
    return postgres.url(database, Role.PLATFORM)


@pytest.fixture
def admin_url(postgres: DevPostgres, database: str) -> str:
    """Logs in as learning_admin."""
    return postgres.url(database, Role.ADMIN)


@pytest.fixture(scope="session")
def running_script() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def script(running_script: ScriptedServer) -> ScriptedServer:
    """A scripted model server, a process of its own, as freshly started."""
    running_script.reset()
    return running_script
