"""procrastinate: one `procrastinate worker` per process, a pool of concurrency + 1, stalled jobs retried by its recipe.

Blocking jobs are sync tasks (it runs them in threads), the no-op is an async one, which is its fast path.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

import psycopg  # type: ignore[import-not-found] # only in its own environment
from procrastinate import App, PsycopgConnector  # type: ignore[import-not-found]

from bench.broker import jobs
from bench.broker.assignment import Assignment, Shape
from bench.broker.processes import together

PACKAGES = ("procrastinate", "psycopg")
FILL = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args)
SELECT 'bench', CASE %(kind)s WHEN 'noop' THEN 'noop' ELSE 'job' END,
    jsonb_build_object('kind', %(kind)s::text, 'key', n)
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""

_POOL = Assignment.read().shape.threads + 1

app = App(connector=PsycopgConnector(conninfo=jobs.url(), min_size=1, max_size=_POOL))


async def _noop(kind: str, key: int) -> None:
    jobs.run(kind, key)


async def _retry_stalled_jobs(context: Any, timestamp: int) -> None:
    for stalled in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(stalled)


job = app.task(jobs.run, name="job", queue="bench")
noop = app.task(_noop, name="noop", queue="bench")
app.periodic(cron="*/10 * * * *")(
    app.task(_retry_stalled_jobs, name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)
)


def _task(kind: str) -> Any:
    return noop if kind == jobs.Kind.NOOP else job


def prepare() -> None:
    async def apply() -> None:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()

    asyncio.run(apply())


@cache
def _open() -> None:
    app.open()


def _deferrer(kind: str, **options: Any) -> Any:
    _open()
    return _task(kind).configure(**options)


def send(kind: str, key: int) -> None:
    _deferrer(kind).defer(kind=kind, key=key)


def send_batch(kind: str, keys: Sequence[int]) -> None:
    _deferrer(kind).batch_defer(*({"kind": kind, "key": key} for key in keys))


@cache
def _own_connection() -> Any:
    return psycopg.connect(jobs.url())


def send_in_transaction(kind: str, key: int) -> None:
    connection = _own_connection()
    connection.execute("INSERT INTO public.domain (key) VALUES (%s)", (key,))
    _deferrer(kind, connection=connection).defer(kind=kind, key=key)
    connection.commit()


def work(shape: Shape) -> None:
    command = [sys.executable, "-m", "procrastinate", "--app", f"{__name__}.app", "worker", "--concurrency"]
    together([subprocess.Popen([*command, str(shape.threads)]) for _ in range(shape.processes)])
