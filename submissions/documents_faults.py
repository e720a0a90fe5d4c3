"""What is wrong with a document, in the words of the life cycle: class of fault, platform's error code.

A file that cannot be opened is the pupil's to replace, so it is discarded at once. An opener that died or hung may
have met a busy machine: that counts as an attempt and is tried again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from submissions.documents.errors import (
    DocumentCorrupt,
    DocumentError,
    DocumentTooLarge,
    DocumentUnsupported,
    OpenerFailed,
    Reason,
)
from submissions.errors import Fault, InputFault
from submissions.lifecycle import ErrorCode

_ERROR_CODES: dict[type[DocumentError], ErrorCode] = {
    DocumentCorrupt: ErrorCode.INPUT_CORRUPT,
    DocumentUnsupported: ErrorCode.INPUT_UNSUPPORTED,
    DocumentTooLarge: ErrorCode.INPUT_TOO_LARGE,
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn a DocumentError into the Fault that it means."""
    try:
        yield
    except OpenerFailed as problem:
        raise Fault(problem.reason, str(problem)) from None
    except DocumentError as problem:
        raise InputFault(problem.reason, str(problem), _ERROR_CODES[type(problem)]) from None


def too_many_pages(limit: int) -> InputFault:
    return InputFault(
        Reason.TOO_MANY_PAGES,
        f"the submission has more than {limit} pages: hand it in in parts (LEARNING_MAX_PAGES)",
        ErrorCode.INPUT_TOO_LARGE,
    )


def unknown_type() -> DocumentUnsupported:
    return DocumentUnsupported(Reason.UNSUPPORTED_TYPE)
