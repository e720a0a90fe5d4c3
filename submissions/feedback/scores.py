"""Points: in range and said, or none."""

from __future__ import annotations

import math
from collections.abc import Sequence

from submissions.feedback.form import MAX_OVERALL


def score_of(raw: object, best: int) -> tuple[int | None, str]:
    """Whole points from 0 to `best` and "", or None and why: none_given, not_a_number, not_whole, out_of_range.

    `8.0` is 8, as JSON Schema has it; "8" is a text, and a text is not turned into points.
    """
    if raw is None:
        return None, "none_given"
    # Compared, since math.isfinite cannot take a whole number of 309 digits, and JSON can.
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not -math.inf < raw < math.inf:
        return None, "not_a_number"
    if raw != int(raw):
        return None, "not_whole"
    return (int(raw), "") if 0 <= raw <= best else (None, "out_of_range")


def derived_overall(scores: Sequence[tuple[int | None, int]]) -> int | None:
    """The overall score, 0 to 5, from (score, maximum) of each criterion, for when the model gave none.

    The share of the points that were given out of those that could be, on five, half a point rounded up; criteria
    without a score count on neither side. None if not more than half of the criteria have a score.
    """
    scored = [(score, best) for score, best in scores if score is not None]
    if len(scored) * 2 <= len(scores):
        return None
    points, most = sum(score for score, _ in scored), sum(best for _, best in scored)
    return math.floor(MAX_OVERALL * points / most + 0.5)
