"""A trial with real workers, as short as it gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.broker.assignment import Shape
from bench.broker.jobs import Kind
from bench.broker.journal import What
from bench.broker.server import Server
from bench.broker.systems import NO_QUEUE, OURS
from bench.broker.trial import Trial
from scripts.dev_postgres import DevPostgres

PATIENCE = 20.0


@pytest.fixture
def server(postgres: DevPostgres) -> Iterator[Server]:
    server = Server(postgres)
    yield server
    server.close()


def test_ours_runs_every_job_once_and_leaves_nothing_behind(server: Server, postgres: DevPostgres) -> None:
    with Trial(server, OURS, Kind.SHORT, Shape(1, 4)) as trial:
        trial.fill(8)
        workers = trial.start()
        assert trial.until(lambda: trial.recorded() >= 16, PATIENCE), trial.output
        trial.drive("send", "2", "0")
        assert trial.until(lambda: trial.recorded() >= 22, PATIENCE), trial.output
        records = trial.records()
        database = trial.query("SELECT current_database()")
    assert sorted(each.key for each in records if each.what is What.ENDED) == [1, 1, 2, 2, *range(3, 9)]
    assert workers.pids() == []
    assert not postgres.exists(database)


def test_the_loop_without_a_queue_runs_the_same_job_in_every_slot(server: Server) -> None:
    with Trial(server, NO_QUEUE, Kind.SHORT, Shape(2, 2)) as trial:
        trial.start()
        assert trial.until(lambda: trial.recorded() >= 16, PATIENCE), trial.output
        first = [each for each in trial.records() if each.what is What.STARTED and each.key == 0]
    assert len(first) == 4
    assert len({each.pid for each in first}) == 2
