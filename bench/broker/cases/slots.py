"""How much of its slots' time a system fills with jobs, against the same loop without a queue.

A job that lies partly in the measured time counts with that part, so that few long jobs give an exact figure too.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from bench.broker.assignment import Shape
from bench.broker.case import Case, Figures
from bench.broker.jobs import DURATIONS, Kind
from bench.broker.journal import Record, What
from bench.broker.server import Server
from bench.broker.systems import DRAMATIQ_POSTGRES, STOCK, SYSTEMS, Facts
from bench.broker.trial import NO_OPTIONS, Trial

#: Jobs waiting before the workers start: at least 4 000 are left of the short ones when the measured time ends.
QUEUED = {Kind.SHORT: 6000, Kind.LONG: 600}

#: From the first end of a job to the beginning of the measured time, and its length (s).
WARM_UP, WINDOW = {Kind.SHORT: 2.0, Kind.LONG: 2.0}, {Kind.SHORT: 12.0, Kind.LONG: 12.0}

#: Longest time until the first job has ended (s).
PATIENCE = 30.0

SHAPES = (Shape(2, 2), Shape(4, 1))


def measure(
    server: Server, system: Facts, kind: Kind, shape: Shape, options: Mapping[str, str] = NO_OPTIONS
) -> Figures:
    """jobs_per_second, and busy_percent: share of the slots' time inside a job."""
    with Trial(server, system, kind, shape, options) as trial:
        trial.fill(QUEUED[kind])
        tree = trial.start()
        if not trial.until(lambda: trial.recorded() > 2 * shape.slots, PATIENCE):
            return {"jobs_per_second": None, "busy_percent": None}
        time.sleep(WARM_UP[kind])
        begin = time.monotonic()
        time.sleep(WINDOW[kind])
        end = time.monotonic()
        time.sleep(2 * DURATIONS[kind] + 0.2)  # so that every job that began before `end` has ended
        tree.kill()
        jobs = intervals(trial.records())
    inside = [(max(0.0, min(to, end) - max(since, begin)), to - since) for since, to in jobs]
    return {
        "jobs_per_second": sum(part / whole for part, whole in inside) / (end - begin),
        "busy_percent": 100 * sum(part for part, _ in inside) / (shape.slots * (end - begin)),
    }


def intervals(records: list[Record]) -> list[tuple[float, float]]:
    """Start and end of every job that has both. Keys are a process's own where there is no queue."""
    started: dict[tuple[int, int], list[float]] = {}
    found = []
    for each in records:
        ends = started.setdefault((each.pid, each.key), [])
        if each.what is What.STARTED:
            ends.append(each.at)
        elif each.what is What.ENDED and ends:
            found.append((ends.pop(0), each.at))
    return found


def _case(kind: Kind, label: str, shape: Shape) -> Case:
    def measure_it(server: Server, system: Facts) -> Figures:
        return measure(server, system, kind, shape)

    return Case(f"slots-{label}-{shape}", measure_it, systems=SYSTEMS)


def measure_one_each(server: Server, system: Facts) -> Figures:
    """With as many messages prefetched as there are threads; their default is twice as many."""
    shape = SHAPES[0]
    return measure(server, system, Kind.LONG, shape, {"dramatiq_queue_prefetch": str(shape.threads)})


CASES = (
    *(_case(Kind.SHORT, "50ms", shape) for shape in SHAPES),
    *(_case(Kind.LONG, "1s", shape) for shape in SHAPES),
    Case("slots-1s-one-each", measure_one_each, systems=(STOCK, DRAMATIQ_POSTGRES)),
)
