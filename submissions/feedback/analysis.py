"""criteria.v2, exactly (docs/criteria.v2.schema.json): what the platform reads. What is not known has no key there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from submissions.feedback.values import CriterionReading, Reading
from submissions.task import Criterion

SCHEMA_NAME = "criteria.v2"


def analysis_of(reading: Reading, criteria: Sequence[Criterion]) -> dict[str, Any]:
    """The analysis; one entry per criterion, in the teacher's order and under the teacher's name for it."""
    overall = {} if reading.overall is None else {"score": reading.overall}
    results = [_result(each, criterion) for each, criterion in zip(reading.criteria, criteria, strict=True)]
    return {"schema": SCHEMA_NAME, **overall, "criteria_results": results}


def without_scores(criteria: Sequence[Criterion]) -> dict[str, Any]:
    """The analysis of a text on which nothing was said."""
    return analysis_of(Reading(criteria=tuple(CriterionReading() for _ in criteria)), criteria)


def _result(reading: CriterionReading, criterion: Criterion) -> dict[str, Any]:
    score = {} if reading.score is None else {"score": reading.score}
    return {
        "criterion": criterion.criterion,
        **score,
        "max_score": criterion.max_score,
        "explanation_md": reading.explanation,
    }
