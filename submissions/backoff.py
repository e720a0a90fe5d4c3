"""How long a unit waits before its next attempt."""

from __future__ import annotations

import random

#: No wait is longer, in seconds: a pupil who waits for an hour has given up.
LONGEST = 3600.0


def backoff(base_seconds: float, attempt: int) -> float:
    """Seconds to wait after attempt number `attempt` (from 1) failed: base · 2^(attempt-1), ±20 %.

    The jitter keeps units that failed together from coming back together.
    """
    return min(LONGEST, base_seconds * 2.0 ** (attempt - 1)) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
