"""One bad input: what it is, how it is made, and how it has to end."""

from collections.abc import Callable
from dataclasses import dataclass

from submissions.documents.errors import Reason
from submissions.lifecycle import ErrorCode


@dataclass(frozen=True)
class Case:
    """`content()` is small, and the same at every call."""

    name: str
    content: Callable[[], bytes]
    reason: Reason
    error_code: ErrorCode


def corrupt(name: str, content: Callable[[], bytes], reason: Reason = Reason.CORRUPT) -> Case:
    return Case(name, content, reason, ErrorCode.INPUT_CORRUPT)


def truncated(name: str, content: Callable[[], bytes]) -> Case:
    return Case(name, content, Reason.TRUNCATED, ErrorCode.INPUT_CORRUPT)


def unsupported(name: str, content: Callable[[], bytes], reason: Reason = Reason.UNSUPPORTED_TYPE) -> Case:
    return Case(name, content, reason, ErrorCode.INPUT_UNSUPPORTED)


def too_large(name: str, content: Callable[[], bytes], reason: Reason) -> Case:
    return Case(name, content, reason, ErrorCode.INPUT_TOO_LARGE)
