"""Producers inside the test's own process: our broker with the trial actors, and stock dramatiq-pg."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from unittest import mock

import dramatiq
import dramatiq_pg

from tests.broker.lab import Lab


@contextmanager
def trial_broker(lab: Lab, **environment: str) -> Iterator[ModuleType]:
    """The module of the trial actors, bound to this lab's database, without a worker."""
    with mock.patch.dict(os.environ, lab.environment(environment)):
        import tests.broker.trial_actors as actors  # noqa: PLC0415 - reads the environment when it is imported

        actors = importlib.reload(actors)
    try:
        yield actors
    finally:
        actors.broker.close()


@contextmanager
def stock_broker(lab: Lab) -> Iterator[dramatiq_pg.PostgresBroker]:
    """dramatiq-pg as it comes, logged in as the worker's role. It knows the actor `note`."""
    broker = dramatiq_pg.PostgresBroker(url=f"{lab.worker_url}&maxconn=1")

    @dramatiq.actor(queue_name="trial", broker=broker)
    def note(key: str) -> None: ...

    try:
        yield broker
    finally:
        broker.pool.closeall()
