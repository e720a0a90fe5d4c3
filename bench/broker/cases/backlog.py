"""What a long queue costs: time per job and memory of a worker, 1 process × 1 thread, few and many jobs queued."""

from __future__ import annotations

import itertools
import statistics
import time

from bench.broker.case import Case, Figures
from bench.broker.jobs import Kind
from bench.broker.server import Server
from bench.broker.systems import Facts
from bench.broker.trial import Trial

FEW, MANY = 1_000, 1_000_000

#: Jobs that are run, and those of them that are warm-up.
JOBS, SKIPPED = 600, 100

#: Longest time until the first job, and for all of them (s).
PATIENCE = 60.0


def measure_at(server: Server, system: Facts, queued: int) -> Figures:
    """claim_ms: from one job to the next, median. first_s: from the start of the process. memory_mb: its peak."""
    with Trial(server, system, Kind.NOOP) as trial:
        trial.fill(queued)
        begin = time.monotonic()
        tree = trial.start()
        trial.until(trial.recorded, PATIENCE)
        trial.until(lambda: trial.recorded() >= JOBS, PATIENCE)
        memory = tree.peak_memory()
        tree.kill()
        times = [each.at for each in trial.records()][:JOBS]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)][SKIPPED:]
    return {
        "claim_ms": 1000 * statistics.median(gaps) if gaps else None,
        "first_s": times[0] - begin if times else None,
        "memory_mb": memory if times else None,
    }


def _case(queued: int) -> Case:
    def measure(server: Server, system: Facts) -> Figures:
        return measure_at(server, system, queued)

    return Case(f"backlog-{queued}", measure, cap=PATIENCE)


CASES = (_case(FEW), _case(MANY))
