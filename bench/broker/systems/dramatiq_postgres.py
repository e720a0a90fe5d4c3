"""dramatiq-postgres on dramatiq 2: `dramatiq-postgres init`, all options at their defaults."""

from __future__ import annotations

import subprocess
import sys

import dramatiq
from dramatiq_postgres import PostgresBroker  # type: ignore[import-not-found] # only in its own environment

from bench.broker import jobs
from bench.broker.assignment import Shape
from bench.broker.systems import dramatiq_cli

PACKAGES = ("dramatiq", "dramatiq-postgres", "psycopg")
FILL = dramatiq_cli.FILL
send_batch = None
send_in_transaction = None

dramatiq.set_broker(PostgresBroker(url=jobs.url()))
job = dramatiq.actor(jobs.run, actor_name="job", queue_name="bench")


def prepare() -> None:
    command = "import sys; from dramatiq_postgres.cli import entrypoint; sys.exit(entrypoint())"
    subprocess.run([sys.executable, "-c", command, "--dsn", jobs.url(), "init"], check=True)


def send(kind: str, key: int) -> None:
    job.send(kind, key)


def work(shape: Shape) -> None:
    dramatiq_cli.work(__name__, shape)
