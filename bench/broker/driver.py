"""Runs inside the environment of one system: `python -m bench.broker.driver MODULE COMMAND`.

prepare                 make the schema
fill COUNT              enqueue that many jobs of the assigned kind, by SQL
send COUNT SECONDS      enqueue one after the other, about SECONDS apart, and note when
rates SECONDS           enqueue as fast as possible, that long in each way; prints JSON, jobs per second
work                    be the workers
versions                print the versions of what is compared, as JSON
"""

from __future__ import annotations

import importlib
import json
import random
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import cast

import psycopg2

from bench.broker.assignment import Assignment
from bench.broker.journal import What, note
from bench.broker.system import System

#: Rows of one transaction when a queue is filled.
CHUNK = 50_000

#: Jobs of one call when a batch is enqueued.
BATCH = 500

#: Calls before the measured ones.
WARM_UP = 20


def fill(system: System, assignment: Assignment, count: int) -> None:
    """Enqueue jobs 1 to `count`."""
    connection = psycopg2.connect(assignment.url, application_name="bench fill")
    for first in range(1, count + 1, CHUNK):
        keys = {"kind": assignment.kind, "first": first, "last": min(first + CHUNK - 1, count)}
        with connection, connection.cursor() as cursor:
            cursor.execute(system.FILL, keys)
    connection.close()


def send(system: System, assignment: Assignment, count: int, pause: float) -> None:
    """Enqueue jobs 1 to `count`, each noted before the call."""
    chance = random.Random(1)  # noqa: S311 - the same pauses in every run
    for key in range(1, count + 1):
        note(What.SENT, key)
        system.send(assignment.kind, key)
        time.sleep(pause * chance.uniform(0.7, 1.3))


def rates(system: System, assignment: Assignment, seconds: float) -> dict[str, float]:
    """Jobs per second by each way that the system has."""
    kind = assignment.kind
    found = {"single": _rate(seconds, lambda key: system.send(kind, key))}
    if send_batch := system.send_batch:
        found["batch"] = BATCH * _rate(seconds, lambda key: send_batch(kind, range(key * BATCH, (key + 1) * BATCH)))
    if send_in_transaction := system.send_in_transaction:
        found["in_transaction"] = _rate(seconds, lambda key: send_in_transaction(kind, key))
    return found


def _rate(seconds: float, call: Callable[[int], None]) -> float:
    """Calls per second."""
    for key in range(WARM_UP):
        call(key)
    begin, calls = time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        call(WARM_UP + calls)
        calls += 1
    return calls / (time.monotonic() - begin)


def main(arguments: list[str]) -> None:
    module, command, *values = arguments
    system = cast(System, importlib.import_module(f"bench.broker.systems.{module}"))
    assignment = Assignment.read()
    match command:
        case "prepare":
            system.prepare()
        case "fill":
            fill(system, assignment, int(values[0]))
        case "send":
            send(system, assignment, int(values[0]), float(values[1]))
        case "rates":
            print(json.dumps(rates(system, assignment, float(values[0]))))
        case "work":
            system.work(assignment.shape)
        case "versions":
            print(json.dumps({name: version(name) for name in system.PACKAGES}))


if __name__ == "__main__":
    main(sys.argv[1:])
