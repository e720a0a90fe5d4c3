"""What the queue raises, and what an actor may raise towards it."""

from __future__ import annotations

import dramatiq.errors


class Redeliver(dramatiq.errors.Retry):
    """Raised by an actor: put my message back, due after `after_seconds` (0: at once).

    It is not counted as rejected and not logged as an error. `reason_code` is kept with the message and logged: a word
    of yours, never a pupil's text.
    """

    def __init__(self, after_seconds: float = 0.0, reason_code: str = "redelivered") -> None:
        super().__init__(reason_code)  # type: ignore[no-untyped-call]
        self.after_seconds = max(0.0, after_seconds)
        self.reason_code = reason_code


class UnstorableMessage(ValueError):
    """Postgres cannot keep these arguments: {why}. Raised in the caller, before anything is written."""


class QueueUnavailable(dramatiq.errors.ConnectionError):
    """The queue's database did not answer in time. Nothing is known to be enqueued; enqueueing again is safe."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)  # type: ignore[no-untyped-call]


class QueueUnready(Exception):
    """The queue cannot be used as it is configured; the text is one line that says what to do."""
