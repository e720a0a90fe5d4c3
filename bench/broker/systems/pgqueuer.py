"""pgqueuer: `pgq install` and `pgq autovac`, one worker per process on one asyncpg connection.

Its default is ten jobs per claim and no limit at all, and it keeps that for no-ops. Jobs that take a thread are limited
to the number of threads, with half as many per claim, the most that it accepts beside such a limit. A limit of one per
process is not possible: there it is all processes' together (`concurrency_limit`).
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import asyncpg  # type: ignore[import-not-found] # only in its own environment
import uvloop  # type: ignore[import-not-found]
from pgqueuer import PgQueuer, Queries, run  # type: ignore[import-not-found]

from bench.broker import jobs
from bench.broker.assignment import Assignment, Shape
from bench.broker.processes import together

PACKAGES = ("pgqueuer", "asyncpg")
FILL = """
INSERT INTO pgqueuer (priority, status, entrypoint, payload)
SELECT 0, 'queued', CASE %(kind)s WHEN 'noop' THEN 'noop' ELSE 'job' END,
    convert_to(json_build_object('kind', %(kind)s::text, 'key', n)::text, 'UTF8')
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""

_assignment = Assignment.read()

#: Of all processes together; 0: no limit.
_LIMIT = _assignment.shape.processes if _assignment.shape.threads == 1 else 0


@asynccontextmanager
async def main() -> AsyncIterator[Any]:
    """The factory of a worker."""
    queue = PgQueuer.from_asyncpg_connection(await asyncpg.connect(jobs.url()))

    async def job(job: Any) -> None:
        await asyncio.to_thread(jobs.run, **json.loads(job.payload))

    async def noop(job: Any) -> None:
        jobs.run(**json.loads(job.payload))

    queue.entrypoint("job", concurrency_limit=_LIMIT)(job)
    queue.entrypoint("noop")(noop)
    yield queue


def prepare() -> None:
    for command in ("install", "autovac"):
        subprocess.run([sys.executable, "-m", "pgqueuer", "--pg-dsn", jobs.url(), command], check=True)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _connection() -> Any:
    return _loop().run_until_complete(asyncpg.connect(jobs.url()))


async def _enqueue(kind: str, keys: Sequence[int]) -> None:
    entrypoint = "noop" if kind == jobs.Kind.NOOP else "job"
    payloads = [json.dumps({"kind": kind, "key": key}).encode() for key in keys]
    queries = Queries.from_asyncpg_connection(_connection())
    await queries.enqueue([entrypoint] * len(keys), payloads, [0] * len(keys))


def send(kind: str, key: int) -> None:
    _connection()
    _loop().run_until_complete(_enqueue(kind, [key]))


def send_batch(kind: str, keys: Sequence[int]) -> None:
    _connection()
    _loop().run_until_complete(_enqueue(kind, keys))


def send_in_transaction(kind: str, key: int) -> None:
    async def both() -> None:
        async with _connection().transaction():
            await _connection().execute("INSERT INTO public.domain (key) VALUES ($1)", key)
            await _enqueue(kind, [key])

    _connection()
    _loop().run_until_complete(both())


def work(shape: Shape) -> None:
    together([subprocess.Popen([sys.executable, "-m", __name__]) for _ in range(shape.processes)])


def _work() -> None:
    """What `pgq run` does; that itself fails in 1.6.0 with the newest typer."""
    limits: dict[str, int] = {}
    if _assignment.kind is not jobs.Kind.NOOP:
        at_once = max(2, _assignment.shape.threads)
        limits = {"batch_size": at_once // 2, "max_concurrent_tasks": at_once}
    uvloop.run(run(main, **limits))


if __name__ == "__main__":
    _work()
