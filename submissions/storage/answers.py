"""What an HTTP status says about a storage."""

from __future__ import annotations

from submissions.errors import Fault
from submissions.kinds import Kind
from submissions.storage.faults import BUSY, MISSING, NO_BUCKET, ODD_ANSWER, REDIRECTS, REFUSED

_FINE = frozenset({200, 201, 202, 204})
_MISSING = frozenset({404, 410})
_PASSES_BY_ITSELF = frozenset({408, 425, 429})
#: The code that S3 gives in an error's body (its API reference, "List of error codes"); the status alone does not tell.
_NO_BUCKET = b"<Code>NoSuchBucket</Code>"


def fault_of(
    status: int, body: bytes = b"", *, also_missing: frozenset[int] = frozenset(), refused: Kind = REFUSED
) -> Fault | None:
    """The fault that an answer means, or None if all went well. `body`: the beginning of what came with it.

    `refused`: what it means that whoever asks may not have it.
    """
    if status in _FINE:
        return None
    if status in _MISSING | also_missing:
        return NO_BUCKET() if _NO_BUCKET in body else MISSING()
    if status in _PASSES_BY_ITSELF or status >= 500:
        return BUSY(status=status)
    if 300 <= status < 400:
        return REDIRECTS()
    return refused() if status in {401, 403} else ODD_ANSWER(status=status)
