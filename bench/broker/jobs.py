"""The bodies of the jobs: the same in every system, and in the loop without a queue.

They need psycopg2 and nothing else, so that every environment can run them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from enum import StrEnum

import psycopg2

from bench.broker.journal import What, note

#: What the connections of the jobs are called, so that nobody counts them as the queue's.
APPLICATION = "bench job"


class Kind(StrEnum):
    """noop: nothing. short: opens one connection, 50 ms. long: 1 s. hold: until it is killed."""

    NOOP = "noop"
    SHORT = "short"
    LONG = "long"
    HOLD = "hold"


#: How long a job takes (s).
DURATIONS = {Kind.NOOP: 0.0, Kind.SHORT: 0.05, Kind.LONG: 1.0, Kind.HOLD: 3600.0}


def run(kind: str, key: int) -> None:
    """Run one job; the queue calls this."""
    _BODIES[Kind(kind)](key)


def url() -> str:
    """The database of this trial."""
    return os.environ["BENCH_URL"]


def _noop(key: int) -> None:
    note(What.ENDED, key)


def _short(key: int) -> None:
    note(What.STARTED, key)
    until = time.monotonic() + DURATIONS[Kind.SHORT]
    connection = psycopg2.connect(url(), application_name=APPLICATION)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    time.sleep(max(0.0, until - time.monotonic()))
    connection.close()
    note(What.ENDED, key)


def _sleep(kind: Kind) -> Callable[[int], None]:
    def body(key: int) -> None:
        note(What.STARTED, key)
        time.sleep(DURATIONS[kind])
        note(What.ENDED, key)

    return body


_BODIES = {Kind.NOOP: _noop, Kind.SHORT: _short, Kind.LONG: _sleep(Kind.LONG), Kind.HOLD: _sleep(Kind.HOLD)}
