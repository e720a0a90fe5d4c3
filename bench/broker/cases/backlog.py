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

#: Longest time until the first job (s), and for the others.
PATIENCE, CAP = 60.0, 20.0

#: Share of the gaps that is left out, the slowest: what the disk did at that moment. Claims of ten at once stay in.
OUTLIERS = 0.02


def measure_at(server: Server, system: Facts, queued: int) -> Figures:
    """claim_ms: from one job to the next, mean. first_s: from the start of the process. memory_mb: its peak."""
    with Trial(server, system, Kind.NOOP) as trial:
        trial.fill(queued)
        begin = time.monotonic()
        tree = trial.start()
        trial.until(trial.recorded, PATIENCE)
        trial.until(lambda: trial.recorded() >= JOBS, CAP)
        memory = tree.peak_memory()
        tree.kill()
        times = [each.at for each in trial.records()][:JOBS]
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(times[SKIPPED:]))
    counted = gaps[: len(gaps) - int(OUTLIERS * len(gaps))]
    return {
        "claim_ms": 1000 * statistics.mean(counted) if counted else None,
        "first_s": times[0] - begin if times else None,
        "memory_mb": memory if times else None,
    }


def _case(queued: int) -> Case:
    def measure(server: Server, system: Facts) -> Figures:
        return measure_at(server, system, queued)

    return Case(f"backlog-{queued}", measure, cap=PATIENCE)


CASES = (_case(FEW), _case(MANY))
