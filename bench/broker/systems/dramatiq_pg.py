"""Stock dramatiq-pg 0.12: its schema.sql, its pool, Dramatiq's default middleware.

Its own command line would make the schema, but imports distutils and pkg_resources, which newer Pythons lack.
"""

from __future__ import annotations

import dramatiq
import dramatiq_pg
import psycopg2
from dramatiq_pg.schema import generate_init_sql

from bench.broker import jobs
from bench.broker.assignment import Shape
from bench.broker.systems import dramatiq_cli

PACKAGES = ("dramatiq", "dramatiq-pg", "psycopg2-binary")
FILL = dramatiq_cli.FILL
send_batch = None
send_in_transaction = None

dramatiq.set_broker(dramatiq_pg.PostgresBroker(url=jobs.url()))
job = dramatiq.actor(jobs.run, actor_name="job", queue_name="bench")


def prepare() -> None:
    with psycopg2.connect(jobs.url()) as connection, connection.cursor() as cursor:
        cursor.execute(generate_init_sql())


def send(kind: str, key: int) -> None:
    job.send(kind, key)


def work(shape: Shape) -> None:
    dramatiq_cli.work(__name__, shape)
