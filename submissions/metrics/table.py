"""Every metric: its kind, its labels, what it means. docs/metrics.md is made from this table.

Labels hold stages, states, codes, and names of models from the settings: never anything of a pupil, and nothing that
grows without bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from submissions.lifecycle import ErrorCode, Stage, Status, Step, UnitState


class Kind(StrEnum):
    """Where a value comes from: the first three from worker processes, STATE from the database at each scrape."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    PROCESS = "gauge (processes)"
    STATE = "gauge"


@dataclass(frozen=True, slots=True)
class Metric:
    """`labels`: the values that are known beforehand and stand at 0 from the start; empty: whatever comes."""

    kind: Kind
    text: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


#: Upper bounds of the histograms in seconds: from a message that wakes an idle thread to a night in the queue.
BUCKETS = (0.01, 0.05, 0.25, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0, 86400.0)

_STAGE = {"stage": tuple(Stage)}
_ENDS = {"status": (Status.COMPLETED.value, Status.FAILED.value)}
_FINAL_CODES = tuple(code for code in ErrorCode if not code.endswith("_retrying"))
_OUTCOMES = ("done", "retry", "snooze", "failed", "cancelled", "superseded")

METRICS: dict[str, Metric] = {
    "ai_worker_processed_total": Metric(Kind.COUNTER, "Submissions that came to an end in a worker.", _ENDS),
    "ai_worker_retry_total": Metric(Kind.COUNTER, "Failed attempts that are made again.", {"phase": tuple(Stage)}),
    "ai_worker_failed_total": Metric(
        Kind.COUNTER, "Submissions that failed, by the platform's code.", {"error_code": _FINAL_CODES}
    ),
    "learning_attempts_total": Metric(
        Kind.COUNTER, "Runs of units of work that came to an end, by how.", _STAGE | {"outcome": _OUTCOMES}
    ),
    "learning_retries_total": Metric(
        Kind.COUNTER, "Attempts that failed and count, by reason.", _STAGE | {"reason": ()}
    ),
    "learning_snoozes_total": Metric(
        Kind.COUNTER, "Attempts put off that do not count, by reason.", _STAGE | {"reason": ()}
    ),
    "learning_tokens_total": Metric(
        Kind.COUNTER, "Tokens that models read (in) and wrote (out).", {"model": (), "direction": ("in", "out")}
    ),
    "learning_queue_wait_seconds": Metric(Kind.HISTOGRAM, "From when a unit was due to its claim.", _STAGE),
    "learning_model_load_seconds": Metric(
        Kind.HISTOGRAM, "Of a model call: loading the model, and waiting for its turn in the model server.", _STAGE
    ),
    "learning_prompt_seconds": Metric(Kind.HISTOGRAM, "Of a model call: reading the prompt, images included.", _STAGE),
    "learning_generation_seconds": Metric(Kind.HISTOGRAM, "Of a model call: writing the answer.", _STAGE),
    "learning_attempt_seconds": Metric(Kind.HISTOGRAM, "A run that stored its result, from claim to end.", _STAGE),
    "learning_submission_seconds": Metric(
        Kind.HISTOGRAM, "A submission from hand-in, or last requeue, to its end in a worker.", _ENDS
    ),
    "learning_circuit_open": Metric(
        Kind.PROCESS,
        "1 while a living process of this start asks the model server, or this model, no more because it is away.",
        {"concerns": ()},
    ),
    "analysis_jobs_inflight": Metric(Kind.STATE, "Units of work that are running."),
    "learning_submissions": Metric(Kind.STATE, "Submissions by status.", {"status": tuple(Status)}),
    "learning_units": Metric(
        Kind.STATE, "Units of work by step and state.", {"step": tuple(Step), "state": tuple(UnitState)}
    ),
    "learning_oldest_ready_seconds": Metric(
        Kind.STATE, "For how long the unit that was due first has been waiting for a thread; 0: none.", _STAGE
    ),
    "learning_messages": Metric(
        Kind.STATE, "Messages of the queue.", {"queue": (), "state": ("ready", "delayed", "in_progress", "rejected")}
    ),
    "learning_workers": Metric(Kind.STATE, "Worker processes that are alive, on all hosts."),
    "learning_database_up": Metric(
        Kind.STATE, "1 if the database answered this scrape; without it the states are left out, never guessed."
    ),
}
