"""Actors for the queue's tests, run by real `dramatiq` processes.

Every start and end is a row of `public.trace`, written on the thread's own connection, which is how tests see what
happened. `gate` waits until a row of `public.opened` names its key, so that a test decides when an actor returns.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import dramatiq
import psycopg2
from dramatiq import Worker
from dramatiq.broker import Broker
from dramatiq.middleware import AgeLimit, Callbacks, Middleware, Pipelines, ShutdownNotifications, TimeLimit

from postgres_queue import PostgresQueueBroker, Redeliver, current_delivery
from postgres_queue.connection import is_disconnect

broker = PostgresQueueBroker(
    os.environ["TRIAL_URL"],
    direct_url=os.environ.get("TRIAL_DIRECT_URL", ""),
    listen=os.environ.get("TRIAL_LISTEN", "1") == "1",
    poll_seconds=float(os.environ.get("TRIAL_POLL_SECONDS", "5")),
    shutdown_seconds=float(os.environ.get("TRIAL_SHUTDOWN_SECONDS", "20")),
)
dramatiq.set_broker(broker)

_own = threading.local()
_stop_asked = threading.Event()
broker.on_stop(_stop_asked.set)


def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """On this thread's own connection, through any break of it."""
    while True:
        try:
            if getattr(_own, "connection", None) is None:
                _own.connection = psycopg2.connect(
                    os.environ["TRIAL_OWNER_URL"], options=os.environ.get("TRIAL_OPTIONS")
                )
                _own.connection.autocommit = True
            with _own.connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        except psycopg2.Error as error:
            if not is_disconnect(error):
                raise
            _own.connection = None
            _stop_asked.wait(0.05)


def trace(key: str, what: str) -> None:
    delivery = current_delivery()
    number = delivery.number if delivery else 0
    run(
        "INSERT INTO public.trace (key, what, pid, delivery) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        key,
        what,
        os.getpid(),
        number,
    )


class SlowBoot(Middleware):
    """Boots until something was claimed, for a second at most, and tells whether it was."""

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        deadline = time.monotonic() + 1
        while not (claimed := run("SELECT true FROM dramatiq.queue WHERE delivery > 0")):
            if _stop_asked.wait(0.02) or time.monotonic() > deadline:
                break
        trace("boot", "claimed" if claimed else "unclaimed")


def stay_in_boot(key: str) -> None:
    """Import this module until the test opens the gate."""
    trace(key, "started")
    while not run("SELECT true FROM public.opened WHERE key = %s", key):
        time.sleep(0.02)


if "TRIAL_SLOW_IMPORT" in os.environ:
    stay_in_boot("import")

if "TRIAL_MIDDLEWARE" in os.environ:
    for each in (AgeLimit(), TimeLimit(), Callbacks(), Pipelines(), ShutdownNotifications()):
        broker.add_middleware(each)

if "TRIAL_SLOW_BOOT" in os.environ:
    broker.add_middleware(SlowBoot())


@dramatiq.actor(queue_name="trial")
def note(key: str) -> None:
    """Leaves a trace."""
    trace(key, "ran")


@dramatiq.actor(queue_name="trial")
def fenced(key: str) -> None:
    """Has its effect once, as our real actors have: on the condition that no run before had it."""
    run("UPDATE public.effect SET times = times + 1 WHERE key = %s AND times = 0", key)
    trace(key, "ran")


@dramatiq.actor(queue_name="trial")
def nothing() -> None:
    """For volume."""


@dramatiq.actor(queue_name="trial")
def chain() -> None:
    """For a process that is never idle: each run enqueues the next one."""
    chain.send()


@dramatiq.actor(queue_name="trial")
def line(key: str) -> None:
    """Leaves its trace in a file: quicker than a row, where there are many."""
    with Path(os.environ["TRIAL_FILE"]).open("a") as file:
        file.write(f"{key}\n")


@dramatiq.actor(queue_name="trial")
def sending(key: str) -> None:
    """Enqueues as an actor may, on the process's connection for that."""
    note.send(key)


@dramatiq.actor(queue_name="trial", priority=-10)
def urgent(key: str) -> None:
    trace(key, "ran")


@dramatiq.actor(queue_name="other")
def elsewhere(key: str) -> None:
    trace(key, "ran")


@dramatiq.actor(queue_name="trial")
def size(text: str) -> None:
    trace(str(len(text)), "ran")


def _wait_for_gate(key: str, give_way: bool) -> bool:
    """Whether the gate opened; False when the stop came first and counts."""
    while not run("SELECT true FROM public.opened WHERE key = %s", key):
        if _stop_asked.wait(0.05) and give_way:
            return False
    return True


@dramatiq.actor(queue_name="trial")
def gate(key: str) -> None:
    """Runs until the test opens the gate; gives way to a stop, as a cancelled model call does."""
    trace(key, "started")
    if not _wait_for_gate(key, give_way=True):
        raise Redeliver(0, "interrupted")
    trace(key, "ran")


@dramatiq.actor(queue_name="trial")
def stubborn(key: str) -> None:
    """Runs until the test opens the gate, whoever asks to stop."""
    trace(key, "started")
    _wait_for_gate(key, give_way=False)
    trace(key, "ran")


@dramatiq.actor(queue_name="trial")
def each_delivery(key: str, ends: str) -> None:
    """Each delivery runs until the test opens a gate of its own, "<key> <number>"; the first ends as `ends` says."""
    delivery = current_delivery()
    assert delivery is not None
    trace(key, "started")
    _wait_for_gate(f"{key} {delivery.number}", give_way=False)
    trace(key, "ran")
    if ends == "put back" and delivery.number == 1:
        raise Redeliver(0, "as the test wants it")
    if ends == "rejected":
        raise ValueError(key)


@dramatiq.actor(queue_name="trial")
def broken(secret: str) -> None:
    """Raises an exception that quotes its argument."""
    raise ValueError(f"cannot read {secret}")


@dramatiq.actor(queue_name="trial")
def again(key: str, after: float) -> None:
    """Asks to be delivered once more."""
    delivery = current_delivery()
    trace(key, "started")
    if delivery is not None and delivery.number == 1:
        raise Redeliver(after, "model_busy")
    trace(key, "ran")


@dramatiq.actor(queue_name="trial")
def odd_redelivery(key: str, after: str, reason: str) -> None:
    """Asks for what Postgres cannot keep; `after` is a text, since JSON knows no infinity."""
    trace(key, "ran")
    raise Redeliver(float(after), reason.replace("NUL", "\0").replace("HALF", "\ud800"))


@dramatiq.actor(queue_name="trial")
def sabotage(what: str, secret: str) -> None:
    """Breaks what keeps this process running, the first time that it runs."""
    process = broker._process
    delivery = current_delivery()
    assert process is not None
    assert delivery is not None
    if delivery.number > 1:
        return
    if what == "dispatcher":
        process.dispatcher._turn = None  # type: ignore[assignment]
    elif what == "keeper":
        process._keeper._look = None  # type: ignore[assignment]
    else:
        delivery.options["throws"] = "no class"  # Dramatiq fails over this outside of its own handlers
    raise ValueError(secret)
