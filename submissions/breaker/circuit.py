"""What is known of one thing that the work depends on: the model server, or one model.

Closed: work goes on. Open: it was found away, `cause` says how, and work waits. It has no thread; the breaker locks.
"""

from __future__ import annotations

import time
from collections.abc import Hashable

from submissions.errors import Fault, ServerFault, SetupFault


class Circuit:
    """`concerns` names it in events. It opens at `threshold` failures without an answer between them.

    A wrong setup opens it at once: it does not pass by itself. A failure that may be the document's doing
    (ServerFault) counts once per submission: what fails with several at once is not theirs.
    """

    def __init__(self, concerns: str, threshold: int) -> None:
        self.concerns = concerns
        self.cause: Fault | None = None
        #: How often it opened since the last real answer: looks may cheer while work still fails.
        self.openings = 0
        self._threshold = threshold
        self._opened = 0.0
        self._failures: set[Hashable] = set()

    @property
    def is_open(self) -> bool:
        return self.cause is not None

    @property
    def seconds_open(self) -> float:
        return round(time.monotonic() - self._opened, 3) if self.is_open else 0.0

    def failed(self, fault: Fault, submission: Hashable) -> bool:
        """Note a failure; true if it opens the circuit."""
        if self.is_open:
            return False
        self._failures.add(submission if isinstance(fault, ServerFault) else object())
        if len(self._failures) < self._threshold and not isinstance(fault, SetupFault):
            return False
        self.open(fault)
        return True

    def open(self, cause: Fault) -> None:
        """It is known to be away."""
        self.cause = cause
        self.openings += 1
        self._opened = time.monotonic()

    def answered(self) -> None:
        """A unit got its answer: whatever was noted before is over."""
        self.close()
        self.openings = 0

    def close(self) -> None:
        """A look found it back."""
        self.cause = None
        self._failures.clear()
