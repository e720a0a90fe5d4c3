"""This repository's broker: its migrations, its defaults, as the worker's role."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import dramatiq
import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class in all but its spelling

from bench.broker import jobs
from bench.broker.assignment import Shape
from bench.broker.systems import dramatiq_cli
from postgres_queue import PostgresQueueBroker
from submissions.store.migrate import migrate

PACKAGES = ("dramatiq", "dramatiq-pg", "psycopg2-binary")
FILL = dramatiq_cli.FILL

broker = PostgresQueueBroker(jobs.url(), role="learning_worker")
dramatiq.set_broker(broker)
job = dramatiq.actor(jobs.run, actor_name="job", queue_name="bench")


def prepare() -> None:
    migrate(jobs.url())


def send(kind: str, key: int) -> None:
    job.send(kind, key)


def send_batch(kind: str, keys: Sequence[int]) -> None:
    broker.enqueue_many([job.message(kind, key) for key in keys])


@cache
def _own_connection() -> Connection:
    return psycopg2.connect(jobs.url())


def send_in_transaction(kind: str, key: int) -> None:
    with _own_connection() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO public.domain (key) VALUES (%s)", (key,))
        broker.enqueue_in(cursor, job.message(kind, key))


def work(shape: Shape) -> None:
    dramatiq_cli.work(__name__, shape)
