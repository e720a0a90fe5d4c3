"""One reading from those of a text's sections. It says no more than the model did; headings part what was said.

Points of a criterion are the mean of the sections that gave some, weighted by their length, half a point up: null says
that a section has nothing on it. If the points of any section had to be left out, so are those of the whole. The
overall score is derived from the points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from submissions.feedback.scores import derived_overall
from submissions.feedback.values import CriterionReading, EvidenceStatus, Reading, Repair
from submissions.task import Criterion


def merged(
    readings: Sequence[Reading], lengths: Sequence[int], titles: Sequence[str], criteria: Sequence[Criterion]
) -> Reading:
    """`lengths` in characters; `titles` as the pupil reads them."""
    said = [
        _criterion([reading.criteria[index] for reading in readings], lengths, titles)
        for index, _ in enumerate(criteria)
    ]
    overall = derived_overall([(each.score, best.max_score) for each, best in zip(said, criteria, strict=True)])
    feedback = (f"**{title}**\n\n{each.feedback_md}" for title, each in zip(titles, readings, strict=True))
    repairs = (*(repair for each in readings for repair in each.repairs), Repair.SECTIONS_MERGED)
    return Reading(
        feedback_md="\n\n".join(feedback),
        criteria=tuple(said),
        overall=overall,
        problems=tuple(dict.fromkeys(problem for each in readings for problem in each.problems)),
        repairs=tuple(dict.fromkeys(repairs)),
    )


def _criterion(said: Sequence[CriterionReading], lengths: Sequence[int], titles: Sequence[str]) -> CriterionReading:
    score, no_score = _score(said, lengths)
    explained = [f"{title}: {each.explanation}" for title, each in zip(titles, said, strict=True) if each.explanation]
    passages = [each.evidence for each in said if each.evidence]
    reasons = {"score": no_score, "explanation": "" if explained else said[0].left_out.get("explanation", "")}
    return CriterionReading(
        score,
        "\n\n".join(explained),
        " … ".join(passages),
        _status([each.evidence_status for each in said]),
        {name: reason for name, reason in reasons.items() if reason},
    )


def _score(said: Sequence[CriterionReading], lengths: Sequence[int]) -> tuple[int | None, str]:
    """The points of the whole, or None and why."""
    reasons = [each.left_out.get("score", "") for each in said]
    unusable = [reason for reason in reasons if reason not in {"", "none_given"}]
    scored = [(each.score, length) for each, length in zip(said, lengths, strict=True) if each.score is not None]
    if unusable or not scored:
        return None, unusable[0] if unusable else "none_given"
    return math.floor(sum(score * length for score, length in scored) / sum(length for _, length in scored) + 0.5), ""


def _status(statuses: Sequence[EvidenceStatus]) -> EvidenceStatus:
    best_first = (EvidenceStatus.FOUND, EvidenceStatus.NOT_FOUND, EvidenceStatus.NONE)
    return next(status for status in best_first if status in statuses)
