"""What is wrong with a document, in the words of the life cycle: class of fault, platform's error code.

A file that cannot be opened is the pupil's to replace, so it is discarded at once. An opener that died or hung may
have met a busy machine: that counts as an attempt and is tried again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from submissions.documents.errors import (
    ADVICE,
    DocumentCorrupt,
    DocumentError,
    DocumentTooLarge,
    DocumentUnsupported,
    Reason,
    error_for,
)
from submissions.errors import InputFault, OpenerFault
from submissions.kinds import Kind
from submissions.lifecycle import ErrorCode

_ERROR_CODES: dict[type[DocumentError], ErrorCode] = {
    DocumentCorrupt: ErrorCode.INPUT_CORRUPT,
    DocumentUnsupported: ErrorCode.INPUT_UNSUPPORTED,
    DocumentTooLarge: ErrorCode.INPUT_TOO_LARGE,
}


def _kind(reason: Reason) -> Kind:
    error_code = _ERROR_CODES.get(type(error_for(reason)))
    fault = InputFault if error_code else OpenerFault
    return Kind("a document that is opened", fault, reason, ADVICE[reason], error_code)


TOO_MANY_PAGES = Kind(
    "the pages of all files together",
    InputFault,
    Reason.TOO_MANY_PAGES,
    "the submission has more than {limit} pages: hand it in in parts (LEARNING_MAX_PAGES)",
    ErrorCode.INPUT_TOO_LARGE,
)
OF_REASON = {reason: _kind(reason) for reason in Reason}
KINDS = (*OF_REASON.values(), TOO_MANY_PAGES)


@contextmanager
def translated() -> Iterator[None]:
    """Turn a DocumentError into the Fault that it means."""
    try:
        yield
    except DocumentError as problem:
        raise OF_REASON[problem.reason]() from None
