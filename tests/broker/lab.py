"""What the queue's tests are made of: a queue database that can be watched, and real `dramatiq` processes.

Nothing here sleeps for a fixed time: `Lab.until` asks the database again after each notification, and at short
intervals for what rings no bell, until its condition holds.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras

TABLES = """
CREATE TABLE public.trace (
    id bigserial PRIMARY KEY, key text, what text, pid integer, delivery integer,
    at timestamptz DEFAULT clock_timestamp(),
    UNIQUE (key, what, delivery) -- an insert whose reply was lost is made again
);
CREATE TABLE public.opened (key text);
CREATE TABLE public.effect (key text PRIMARY KEY, times integer NOT NULL DEFAULT 0);
CREATE FUNCTION public.bell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NOTIFY lab; RETURN NULL; END';
CREATE TRIGGER bell AFTER INSERT ON public.trace EXECUTE FUNCTION public.bell();
"""

#: A condition that has not come true by then (s) never will.
PATIENCE = 20.0

ROOT = Path(__file__).parent.parent.parent


class Master:
    """A `dramatiq` master process with its workers, in a process group of its own; its output goes to a file."""

    def __init__(self, environment: dict[str, str], processes: int, threads: int, module: str) -> None:
        self._output = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed in destroy()
        command = [sys.executable, "-m", "dramatiq", module, "-p", str(processes), "-t", str(threads)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self._output, stderr=self._output, start_new_session=True
        )
        self.pid = self.process.pid
        self._next_line = threading.Event()  # a file rings no bell: only its timeout is used

    @property
    def output(self) -> str:
        self._output.seek(0)
        return self._output.read().decode()

    def says(self, text: str) -> None:
        """Wait until this stands in the output."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.output:
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {PATIENCE} s: {text}")
            self._next_line.wait(0.05)

    def send(self, number: signal.Signals, *, group: bool = False) -> None:
        """Signal the master, or every process of its group, as platforms do."""
        (os.killpg if group else os.kill)(self.pid, number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """The exit code, once it has ended."""
        return self.process.wait(seconds)

    def destroy(self) -> None:
        """End whatever of it is left. Workers whose master is gone are still in its group."""
        for _ in range(2):
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                break
        self.process.wait()
        self._output.close()


class Lab:
    """One migrated database with the tables of the trial actors."""

    def __init__(self, owner_url: str, worker_url: str) -> None:
        self.owner_url, self.worker_url = owner_url, worker_url
        self._connect()
        self.run(TABLES)
        self._listen()

    def _connect(self) -> None:
        self._connection = psycopg2.connect(self.owner_url)
        self._connection.autocommit = True

    def _listen(self) -> None:
        self.run('LISTEN lab; LISTEN "dramatiq.ready"')

    def reconnect(self) -> None:
        """After a restart of the server."""
        self._connection.close()
        self._connect()
        self._listen()

    def cursor(self) -> psycopg2.extensions.cursor:
        """On the lab's own connection, as the owner, in autocommit."""
        return self._connection.cursor()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *values: Any) -> Any:
        """The first column of the first row; None without a row."""
        rows = self.run(statement, *values)
        return rows[0][0] if rows else None

    def until(self, statement: str, *values: Any, within: float = PATIENCE) -> Any:
        """Wait until the statement's first value is true, and return it."""
        deadline = time.monotonic() + within
        while True:
            found = self.value(statement, *values)
            if found:
                return found
            if time.monotonic() > deadline:
                state = self.run("SELECT state::text, reason, count(*) FROM dramatiq.queue GROUP BY 1, 2")
                raise AssertionError(f"not within {within} s: {statement} {values}; queue: {state}")
            select.select([self._connection], [], [], 0.05)
            self._connection.poll()
            self._connection.notifies.clear()

    def enqueue(self, actor: str, queue: str = "trial", delay: float = 0, priority: int = 0, **kwargs: Any) -> str:
        """One message, by the SQL function; its id."""
        return str(
            self.value(
                "SELECT dramatiq.enqueue(%s, %s, %s, make_interval(secs => %s), %s)",
                queue,
                actor,
                psycopg2.extras.Json(kwargs),
                delay,
                priority,
            )
        )

    def enqueue_many(self, count: int, actor: str = "note") -> None:
        """Many messages, with keys from 1 in the order of insertion."""
        self.run(
            "SELECT dramatiq.enqueue('trial', %s, jsonb_build_object('key', n::text)) FROM generate_series(1, %s) AS n",
            actor,
            count,
        )

    def open(self, key: str) -> None:
        """Let the actor that waits for `key` return."""
        self.run("INSERT INTO public.opened VALUES (%s)", key)

    def started(self, key: str, **kwargs: Any) -> int:
        """Wait until an actor began with `key`; its process id."""
        return int(
            self.until("SELECT pid FROM trace WHERE key = %s AND what = 'started' ORDER BY id DESC", key, **kwargs)
        )

    def ran(self, key: str, **kwargs: Any) -> None:
        """Wait until an actor was through with `key`."""
        self.until("SELECT count(*) FROM trace WHERE key = %s AND what = 'ran'", key, **kwargs)

    def empty(self, **kwargs: Any) -> None:
        """Wait until the queue has no row."""
        self.until("SELECT NOT EXISTS (SELECT FROM dramatiq.queue)", **kwargs)

    @contextmanager
    def worker(
        self, processes: int = 1, threads: int = 1, module: str = "tests.broker.trial_actors", **environment: str
    ) -> Iterator[Master]:
        """A running master whose workers have shown their presence."""
        before = self.value("SELECT coalesce(max(owner), 0) FROM dramatiq.worker")
        master = Master(self.environment(environment), processes, threads, module)
        try:
            self.until("SELECT count(*) = %s FROM dramatiq.worker WHERE owner > %s", processes, before)
            yield master
        except BaseException:
            sys.stderr.write(master.output)
            raise
        finally:
            master.destroy()

    def unready_worker(self, **environment: str) -> Master:
        """A master whose worker has shown no presence yet, and maybe never will; the caller destroys it."""
        return Master(self.environment(environment), 1, 1, "tests.broker.trial_actors")

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        return os.environ | {"TRIAL_URL": self.worker_url, "TRIAL_OWNER_URL": self.owner_url} | more

    def close(self) -> None:
        self._connection.close()
