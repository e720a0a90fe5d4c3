"""Counters and histograms of this worker process, fed by events alone.

`start()` runs once per process, right after it booted and after the folder was put where prometheus_client looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from submissions.breaker.circuits import SERVER
from submissions.events import subscribe
from submissions.lifecycle import Status, Step
from submissions.metrics.table import BUCKETS, METRICS, Kind, Metric

Fields = Mapping[str, Any]


class Counting:
    """The counters of the table, by name."""

    def __init__(self) -> None:
        made = {name: _make(name, metric) for name, metric in METRICS.items() if metric.kind is not Kind.STATE}
        self._counters = {name: each for name, each in made.items() if isinstance(each, Counter)}
        self._gauges = {name: each for name, each in made.items() if isinstance(each, Gauge)}
        self._histograms = {name: each for name, each in made.items() if isinstance(each, Histogram)}

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        self._counters[name].labels(**labels).inc(amount)

    def show(self, name: str, value: float, **labels: str) -> None:
        self._gauges[name].labels(**labels).set(value)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        self._histograms[name].labels(**labels).observe(seconds)


def start() -> None:
    """Count from now on what this process tells in events."""
    counting = Counting()
    counting.show("learning_circuit_open", 0, concerns=SERVER)
    for name, observer in OBSERVERS.items():
        subscribe(name, partial(observer, counting))


def _make(name: str, metric: Metric) -> Counter | Gauge | Histogram:
    made: Counter | Gauge | Histogram
    if metric.kind is Kind.COUNTER:
        made = Counter(name, metric.text, list(metric.labels), registry=None)
    elif metric.kind is Kind.PROCESS:
        made = Gauge(name, metric.text, list(metric.labels), registry=None, multiprocess_mode="livemax")
    else:
        made = Histogram(name, metric.text, list(metric.labels), buckets=BUCKETS, registry=None)
    for values in product(*metric.labels.values()):
        made.labels(*map(str, values))  # stands at 0 from now on
    return made


def _started(counting: Counting, fields: Fields) -> None:
    counting.observe("learning_queue_wait_seconds", fields["waited_seconds"], stage=_stage(fields))


def _answered(counting: Counting, fields: Fields) -> None:
    for part in ("prompt", "generation"):
        counting.observe(f"learning_{part}_seconds", fields[f"{part}_seconds"], stage=_stage(fields))
    counting.observe("learning_model_load_seconds", fields["load_seconds"], stage=_stage(fields))
    counting.count("learning_tokens_total", fields["prompt_tokens"], model=fields["model"], direction="in")
    counting.count("learning_tokens_total", fields["output_tokens"], model=fields["model"], direction="out")


def _done(counting: Counting, fields: Fields) -> None:
    counting.count("learning_attempts_total", stage=_stage(fields), outcome="done")
    counting.observe("learning_attempt_seconds", fields["seconds"], stage=_stage(fields))


def _retry(counting: Counting, fields: Fields) -> None:
    counting.count("learning_attempts_total", stage=_stage(fields), outcome="retry")
    counting.count("learning_retries_total", stage=_stage(fields), reason=fields["reason"])
    counting.count("ai_worker_retry_total", phase=_stage(fields))


def _snooze(counting: Counting, fields: Fields) -> None:
    counting.count("learning_attempts_total", stage=_stage(fields), outcome="snooze")
    counting.count("learning_snoozes_total", stage=_stage(fields), reason=fields["reason"])


def _attempt_failed(counting: Counting, fields: Fields) -> None:
    counting.count("learning_attempts_total", stage=_stage(fields), outcome="failed")


def _cancelled(counting: Counting, fields: Fields) -> None:
    counting.count("learning_attempts_total", stage=_stage(fields), outcome="cancelled")


def _superseded(counting: Counting, fields: Fields) -> None:
    counting.count("learning_attempts_total", stage=_stage(fields), outcome="superseded")


def _completed(counting: Counting, fields: Fields) -> None:
    counting.count("ai_worker_processed_total", status=Status.COMPLETED)
    counting.observe("learning_submission_seconds", fields["seconds"], status=Status.COMPLETED)


def _failed(counting: Counting, fields: Fields) -> None:
    counting.count("ai_worker_processed_total", status=Status.FAILED)
    counting.count("ai_worker_failed_total", error_code=fields["error_code"])
    counting.observe("learning_submission_seconds", fields["seconds"], status=Status.FAILED)


def _opened(counting: Counting, fields: Fields) -> None:
    counting.show("learning_circuit_open", 1, concerns=fields["concerns"])


def _back(counting: Counting, fields: Fields) -> None:
    counting.show("learning_circuit_open", 0, concerns=fields["concerns"])


#: Event → what it is counted as.
OBSERVERS: dict[str, Callable[[Counting, Fields], None]] = {
    "attempt.started": _started,
    "model.answered": _answered,
    "attempt.done": _done,
    "attempt.retry": _retry,
    "attempt.snooze": _snooze,
    "attempt.failed": _attempt_failed,
    "attempt.cancelled": _cancelled,
    "attempt.superseded": _superseded,
    "submission.completed": _completed,
    "submission.failed": _failed,
    "circuit.opened": _opened,
    "server.back": _back,
}


def _stage(fields: Fields) -> str:
    return Step(fields["step"]).stage
