"""How far a claim looks into the queue.

Rows that somebody has locked are passed over: mostly another worker that is taking them, but an open transaction of an
operator or a producer may hold as many as it likes. Where all that was seen was locked, the next claim looks twice as
far, at once; at `DOUBLINGS` it waits between two looks. It stays so far-sighted until the safety net's next check.
"""

from __future__ import annotations

#: Rows that a claim looks at beyond those it wants: as many as other workers may be taking at this moment.
MARGIN = 32

#: How often the margin is doubled at most: 8192 rows take some ten milliseconds.
DOUBLINGS = 8

#: Between two claims that find everything locked as far as they may look (s).
PAUSE = 0.5


class Look:
    """The dispatcher's reach."""

    def __init__(self) -> None:
        self._doublings = 0
        self._wait = float("inf")

    def rows(self, free: int) -> int:
        """How many rows to look at for so many free threads."""
        return free + (MARGIN << self._doublings)

    def saw(self, *, fell_short: bool) -> None:
        """Whether the claim saw all that it looked for, and could take less than it wanted."""
        if not fell_short:
            self._wait = float("inf")
        elif self._doublings < DOUBLINGS:
            self._doublings, self._wait = self._doublings + 1, 0.0
        else:
            self._wait = PAUSE

    def narrow(self) -> None:
        """Begin anew."""
        self._doublings = 0

    def wait(self) -> float:
        """Seconds until another look is worth it; infinite if nothing was passed over."""
        return self._wait
