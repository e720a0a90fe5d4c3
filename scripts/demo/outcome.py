"""What became of a sample: the report's view of it, and what is missing in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.character_error import character_error
from scripts.demo.samples import Sample
from scripts.report import CriterionResult, SampleResult
from submissions.lifecycle import Status

_WORDS = {"open": "opening", "read": "reading", "feedback": "feedback"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sample and its result; `missing` says in a few words what it lacks, and is empty if it lacks nothing."""

    sample: Sample
    result: SampleResult
    missing: str

    @property
    def is_read_badly(self) -> bool:
        """More characters are wrong than should be. This is shown; it does not fail the demo."""
        return (self.result.character_error or 0.0) > self.sample.most_wrong


def outcome_of(sample: Sample, row: Mapping[str, Any], seconds: Mapping[str, float]) -> Outcome:
    """From a submission's row (store/queries.sql, `submission`) and the seconds by step."""
    analysis = row["analysis_json"] or {}
    text = row["text_body"] or ""
    results, details = analysis.get("criteria_results", ()), row["details"] or {}
    result = SampleResult(
        title=sample.title,
        kind=sample.kind,
        status=row["analysis_status"],
        text_md=text,
        feedback_md=row["feedback_md"] or "",
        score=analysis.get("score"),
        criteria=tuple(map(_criterion, results, details.get("criteria") or [{}] * len(results))),
        marks=tuple(details.get("marks", ())),
        page_images=sample.page_images(),
        true_text=sample.true_text,
        character_error=None if sample.true_text is None else character_error(text, sample.true_text),
        timings=_timings(row, seconds),
    )
    return Outcome(sample, result, _missing(sample, row, result))


def _criterion(each: Mapping[str, Any], beside: Mapping[str, Any]) -> CriterionResult:
    evidence = beside.get("evidence", "")
    return CriterionResult(each["criterion"], each.get("score"), each["max_score"], each["explanation_md"], evidence)


def _timings(row: Mapping[str, Any], seconds: Mapping[str, float]) -> dict[str, float]:
    timings = {word: seconds[step] for step, word in _WORDS.items() if step in seconds}
    if row["completed_at"]:
        timings["handed in to completed"] = (row["completed_at"] - row["created_at"]).total_seconds()
    return timings


def _missing(sample: Sample, row: Mapping[str, Any], result: SampleResult) -> str:
    if result.status != Status.COMPLETED:
        reason = f", {row['reason']}" if row["reason"] else ""
        return f"it {result.status} ({row['error_code']}{reason})"
    if [each.criterion for each in result.criteria] != [each.criterion for each in sample.task.criteria]:
        return "its result does not hold each criterion of its task in order"
    return ""
