"""How fast one producer enqueues, with nobody working: one by one, in batches, in its own transactions."""

from __future__ import annotations

import json

from bench.broker.case import Case, Figures
from bench.broker.jobs import Kind
from bench.broker.server import Server
from bench.broker.systems import Facts
from bench.broker.trial import Trial

#: For each of the three ways (s).
SECONDS = 2.0


def measure(server: Server, system: Facts) -> Figures:
    """single, batch and in_transaction, in jobs per second; a way that the system has not is missing."""
    with Trial(server, system, Kind.NOOP) as trial:
        found: dict[str, float] = json.loads(trial.drive("rates", str(SECONDS)))
    return {f"{way}_per_second": rate for way, rate in found.items()}


CASES = (Case("enqueue", measure),)
