"""A queue that stock dramatiq-pg has filled becomes ours: the migration takes over what waits in it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from uuid import uuid4

import psycopg2
import pytest
from dramatiq_pg.schema import generate_init_sql

from scripts.dev_postgres import DevPostgres
from submissions.store.connection import Role
from tests.broker.lab import Lab

NAME = "learning_test_adopted"

#: As its broker left them: key → queue, state, and due so many seconds from now.
LEFT_BY_STOCK = {
    "waits": ("trial", "queued", None),
    "was delayed and is due": ("trial.DQ", "queued", -60),
    "is delayed": ("trial.DQ", "queued", 3600),
    "was claimed": ("trial", "consumed", None),
    "was claimed with its delay": ("trial.DQ", "consumed", -60),
}


def _insert(cursor: psycopg2.extensions.cursor, key: str, queue: str, state: str, due: int | None) -> None:
    message_id = str(uuid4())
    options = {} if due is None else {"eta": int((time.time() + due) * 1000)}
    message = {
        "queue_name": queue,
        "actor_name": "note",
        "args": [key],
        "kwargs": {},
        "options": options,
        "message_id": message_id,
        "message_timestamp": 1,
    }
    cursor.execute(
        "INSERT INTO dramatiq.queue (message_id, queue_name, state, message) VALUES (%s, %s, %s, %s)",
        (message_id, queue, state, json.dumps(message)),
    )


@pytest.fixture
def adopted(postgres: DevPostgres) -> Iterator[Lab]:
    postgres.create(NAME)
    connection = psycopg2.connect(postgres.url(NAME))
    with connection, connection.cursor() as cursor:
        cursor.execute(generate_init_sql())
        for key, row in LEFT_BY_STOCK.items():
            _insert(cursor, key, *row)
    connection.close()
    postgres.migrate(NAME)
    lab = Lab(postgres.url(NAME), postgres.url(NAME, Role.WORKER))
    yield lab
    lab.close()
    postgres.drop(NAME)


def test_whatever_stock_left_waiting_or_claimed_is_run(adopted: Lab) -> None:
    with adopted.worker():
        adopted.until("SELECT count(*) = 4 FROM trace WHERE what = 'ran'")
        adopted.until("SELECT count(*) = 1 FROM dramatiq.queue")
    assert adopted.run("SELECT queue_name, delayed, message -> 'args' ->> 0 FROM dramatiq.queue") == [
        ("trial", True, "is delayed")
    ]
