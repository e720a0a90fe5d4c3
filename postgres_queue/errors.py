"""What the queue raises, and what an actor may raise towards it."""

from __future__ import annotations

import dramatiq.errors

#: Longest time after which a message can come back (s): Postgres has no later dates than it needs.
LONGEST = 10 * 366 * 24 * 3600.0

#: Longest reason code.
REASON_LENGTH = 100


class Redeliver(dramatiq.errors.Retry):
    """Raised by an actor: put my message back, due after `after_seconds` (0: at once).

    It is not counted as rejected and not logged as an error. `reason_code` is kept with the message and logged: a word
    of yours, never a pupil's text. Whatever the values are, they are made such that Postgres can keep them.
    """

    def __init__(self, after_seconds: float = 0.0, reason_code: str = "redelivered") -> None:
        super().__init__(reason_code)  # type: ignore[no-untyped-call]
        self.after_seconds = min(max(0.0, after_seconds), LONGEST)
        self.reason_code = "".join(each for each in str(reason_code) if each.isprintable())[:REASON_LENGTH]


class UnstorableMessage(ValueError):
    """Postgres cannot keep these arguments: {why}. Raised in the caller, before anything is written."""


class QueueUnavailable(dramatiq.errors.ConnectionError):
    """The queue's database did not answer in time, or refused; the message may be enqueued all the same.

    Enqueueing it again makes no second message while the first waits or runs; after that it runs again. An actor that
    lets this out gets its own message back.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)  # type: ignore[no-untyped-call]


class QueueUnready(Exception):
    """The queue cannot be used as it is configured; the text is one line that says what to do."""
