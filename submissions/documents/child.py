"""The program of the child process: one request as an argument, the document on standard input, one framed answer.

It ends with exit code 0 when it has an answer, also when the answer is a fault of the document. Anything else
(a signal, an exception that nobody foresaw) is for the worker to see as an opener that died.
"""

import ctypes
import os
import signal
import sys
from typing import Any, BinaryIO, Protocol

from submissions.documents import limits, wire
from submissions.documents.errors import DocumentCorrupt, DocumentError, DocumentUnsupported, Reason
from submissions.documents.media_type import SNIFF_BYTES, MediaType, sniff
from submissions.documents.request import Request, Verb

_PR_SET_PDEATHSIG = 1  # prctl(2)
_END_MARK = {MediaType.JPEG: b"\xff\xd9", MediaType.PNG: b"IEND", MediaType.PDF: b"%%EOF"}
_END_MARK_WITHIN = 1024  # bytes from the end: programs append a little behind the mark


class Document(Protocol):
    """What `pdf` and `image` have in common."""

    def pages(self) -> int:
        """The number of pages, at least 1."""

    def render(self, index: int, max_pixels: int) -> bytes:
        """One page, as bytes for the model server."""


def main(argument: str) -> None:
    """Serve one request and end."""
    request = Request.from_argument(argument)
    _die_with(request.parent)
    limits.apply()
    try:
        header, body = _answer(request, sys.stdin.buffer)
    except DocumentError as error:
        header, body = {"fault": error.reason}, b""
    sys.stdout.buffer.write(wire.pack(header, body))


def _die_with(parent: int) -> None:
    """Be killed when the worker's thread that started us ends, however it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before the call above took effect
            os.kill(os.getpid(), signal.SIGKILL)


def _answer(request: Request, stream: BinaryIO) -> tuple[dict[str, Any], bytes]:
    _check_kind(stream, request.media_type)
    try:
        document = _open(stream, request)
        if request.verb is Verb.COUNT:
            return {"pages": document.pages()}, b""
        return {}, document.render(request.index, request.max_pixels)
    except DocumentCorrupt as error:
        if error.reason is Reason.CORRUPT and not _has_end(stream, request.media_type):
            raise DocumentCorrupt(Reason.TRUNCATED) from error
        raise


def _check_kind(stream: BinaryIO, media_type: MediaType) -> None:
    head = stream.read(SNIFF_BYTES)
    stream.seek(0)
    if not head:
        raise DocumentCorrupt(Reason.EMPTY)
    if sniff(head) is not media_type:
        raise DocumentUnsupported(Reason.WRONG_TYPE)


def _open(stream: BinaryIO, request: Request) -> Document:
    """Load the one decoder that is needed (most of what starting a child costs) and let it open the document."""
    if request.media_type is MediaType.PDF:
        from submissions.documents.pdf import Pdf  # noqa: PLC0415

        return Pdf(stream, request.limits)
    from submissions.documents.image import Picture  # noqa: PLC0415

    return Picture(stream, request.media_type, request.limits)


def _has_end(stream: BinaryIO, media_type: MediaType) -> bool:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _END_MARK_WITHIN))
    return _END_MARK[media_type] in stream.read()
