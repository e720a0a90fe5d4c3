"""The words of the life cycle: statuses, stages, steps, unit states and the platform's error codes.

Pure values; the same words stand in the schema's CHECKs, and a test compares the two. docs/lifecycle.md draws them.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """learning_submissions.analysis_status."""

    PENDING = "pending"
    EXTRACTED = "extracted"
    COMPLETED = "completed"
    FAILED = "failed"


#: Where a submission may go from where it is; requeue (an admin's act) is the only way out of an end.
ALLOWED: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.EXTRACTED, Status.COMPLETED, Status.FAILED}),
    Status.EXTRACTED: frozenset({Status.COMPLETED, Status.FAILED}),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset({Status.PENDING, Status.EXTRACTED}),
}

FINAL = frozenset({Status.COMPLETED, Status.FAILED})


class Stage(StrEnum):
    """One of the two queues, and the actor that works it."""

    VISION = "vision"
    FEEDBACK = "feedback"


class Step(StrEnum):
    """What one unit of work does."""

    OPEN = "open"  # check the documents, count their pages
    READ = "read"  # one page; a model call, unless the page is blank or speaks for itself
    FEEDBACK = "feedback"  # one model call

    @property
    def stage(self) -> Stage:
        return Stage.FEEDBACK if self is Step.FEEDBACK else Stage.VISION


class UnitState(StrEnum):
    """learning_units.state."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: Where a unit may go from where it is. One that ended waits again only when its result is wanted again: a requeue,
#: or text that was lost.
UNIT_ALLOWED: dict[UnitState, frozenset[UnitState]] = {
    UnitState.WAITING: frozenset({UnitState.RUNNING, UnitState.FAILED, UnitState.CANCELLED}),
    UnitState.RUNNING: frozenset({UnitState.WAITING, UnitState.DONE, UnitState.FAILED, UnitState.CANCELLED}),
    UnitState.DONE: frozenset({UnitState.WAITING}),
    UnitState.FAILED: frozenset({UnitState.WAITING}),
    UnitState.CANCELLED: frozenset({UnitState.WAITING}),
}


class PageSource(StrEnum):
    """learning_pages.source: where the text of a page comes from."""

    MODEL = "model"
    OWN_TEXT = "own_text"  # what the document itself says, where that can be trusted
    BLANK = "blank"  # paper with nothing on it: the text is empty
    DOUBTFUL = "doubtful"  # what the model said, twice, may be no page: it is kept, with the doubt beside it
    UNREADABLE = "unreadable"  # the model was asked, and nothing that it said can be believed


class ErrorCode(StrEnum):
    """learning_submissions.error_code: these seven are all there are."""

    VISION_RETRYING = "vision_retrying"
    VISION_FAILED = "vision_failed"
    FEEDBACK_RETRYING = "feedback_retrying"
    FEEDBACK_FAILED = "feedback_failed"
    INPUT_CORRUPT = "input_corrupt"
    INPUT_UNSUPPORTED = "input_unsupported"
    INPUT_TOO_LARGE = "input_too_large"
