"""The rows of the table: which figure, against what, and what ours has to reach (issue: "must show")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.broker.results import Result
from bench.broker.systems import DRAMATIQ_POSTGRES, NO_QUEUE, STOCK

#: A figure of a system in a result; None: not in time. Raises KeyError where it was not measured.
Look = Callable[[Result, str], float | None]


@dataclass(frozen=True, slots=True)
class Target:
    """What ours has to reach: as text, and whether a value of a result does."""

    text: str
    reached: Callable[[Result, float], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """case: whose cap is told where a value did not come in time."""

    label: str
    unit: str
    case: str
    look: Look
    target: Target | None = None


def at_most(limit: float, unit: str) -> Target:
    return Target(f"≤ {limit:g} {unit}", lambda _, value: value <= limit)


def at_least(limit: float, unit: str) -> Target:
    return Target(f"≥ {limit:g} {unit}", lambda _, value: value >= limit)


def _plain(label: str, unit: str, case: str, figure: str, target: Target | None = None) -> Row:
    return Row(label, unit, case, lambda result, system: result.value(case, figure, system), target)


def _against(
    label: str, case: str, reference: str, unit: str, target: Target | None = None, base_case: str = ""
) -> Row:
    """Jobs per second as a multiple (×) or share (%) of another system's in the same run."""

    def look(result: Result, system: str) -> float | None:
        value = result.value(case, "jobs_per_second", system)
        base = result.value(base_case or case, "jobs_per_second", reference)
        return value / base * (100 if unit == "%" else 1) if value is not None and base else None

    return Row(label, unit, case, look, target)


def _compared(label: str, unit: str, figure: str, combine: Callable[[float, float], float], target: Target) -> Row:
    """A figure with many jobs queued against the one with few."""

    def look(result: Result, system: str) -> float | None:
        many, few = (result.value(f"backlog-{queued}", figure, system) for queued in (1_000_000, 1_000))
        return combine(many, few) if many is not None and few is not None else None

    return Row(label, unit, "backlog-1000000", look, target)


def _slots(label: str, case: str, share: float) -> tuple[Row, Row]:
    return (
        _plain(label, "/s", case, "jobs_per_second"),
        _against("… of the loop without a queue", case, NO_QUEUE.name, "%", at_least(share, "%")),
    )


def _more_than(system: str) -> Target:
    def reached(result: Result, value: float) -> bool:
        other = result.value("no-op", "jobs_per_second", system)
        return other is None or value > other

    return Target(f"> {system}", reached)


ROWS: tuple[Row, ...] = (
    *_slots("50 ms jobs, 2 × 2", "slots-50ms-2x2", 95),
    *_slots("50 ms jobs, 4 × 1", "slots-50ms-4x1", 95),
    *_slots("1 s jobs, 2 × 2", "slots-1s-2x2", 99),
    _against("… one message per thread", "slots-1s-one-each", NO_QUEUE.name, "%", base_case="slots-1s-2x2"),
    *_slots("1 s jobs, 4 × 1", "slots-1s-4x1", 99),
    _plain("no-op jobs, 2 × 4", "/s", "no-op", "jobs_per_second", _more_than(DRAMATIQ_POSTGRES.name)),
    _against("… of stock dramatiq-pg", "no-op", STOCK.name, "×", at_least(4, "×")),
    _plain("enqueue one by one", "/s", "enqueue", "single_per_second"),
    _plain("enqueue in batches of 500", "/s", "enqueue", "batch_per_second"),
    _plain("enqueue in one's own transaction", "/s", "enqueue", "in_transaction_per_second"),
    _plain("pick-up by an idle worker, p50", "ms", "pick-up", "p50_ms", at_most(5, "ms")),
    _plain("… p99", "ms", "pick-up", "p99_ms", at_most(25, "ms")),
    _plain("10 000 jobs delayed by 1 to 30 s, latest start", "ms", "delays", "late_most_ms", at_most(250, "ms")),
    _plain("… killed after 10 s and started again", "s", "delays-restart", "late_most_s", at_most(1, "s")),
    _plain("redelivery after SIGKILL", "s", "redelivery", "seconds", at_most(5, "s")),
    _plain("from job to job, 1 000 queued", "ms", "backlog-1000", "claim_ms"),
    _plain("… 1 000 000 queued", "ms", "backlog-1000000", "claim_ms"),
    _compared("… ratio", "×", "claim_ms", lambda many, few: many / few, at_most(2, "×")),
    _plain("first job after a start, 1 000 000 queued", "s", "backlog-1000000", "first_s"),
    _plain("memory of a worker, 1 000 queued", "MB", "backlog-1000", "memory_mb"),
    _compared("… more at 1 000 000", "MB", "memory_mb", lambda many, few: many - few, at_most(10, "MB")),
    _plain("idle worker, share of one core", "%", "idle", "cpu_percent"),
    _plain("connections of a process with 4 threads", "", "connections", "connections", at_most(7, "")),
)
