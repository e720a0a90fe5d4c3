"""The program of the child process: one request as an argument, the document on standard input, one framed answer.

It ends with exit code 0 when it has an answer, also when the answer is a fault of the document. Anything else
(a signal, an exception that nobody foresaw) is for the worker to see as an opener that died.
"""

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from submissions.documents import limits, wire
from submissions.documents.ending import has_end
from submissions.documents.errors import DocumentCorrupt, DocumentError, DocumentUnsupported, Reason
from submissions.documents.media_type import SNIFF_BYTES, MediaType, sniff
from submissions.documents.request import Request, Verb

if TYPE_CHECKING:
    from PIL import Image

_PR_SET_PDEATHSIG = 1  # prctl(2)

Answer = tuple[dict[str, Any], bytes]
"""Header and body."""


class Document(Protocol):
    """What `pdf` and `image` have in common. Pages count from 0."""

    lossy: bool
    """Its images were JPEG or the like already, so that nothing is lost by making them JPEG again."""

    def pages(self) -> int:
        """The number of pages, at least 1."""

    def text(self, index: int) -> str | None:
        """A page's own text, if it can be trusted to be all that is on the page."""

    def image(self, index: int, max_pixels: int) -> "Image.Image":
        """A page in mode "L" or "RGB", upright, with at most max_pixels."""

    def check_whole(self, index: int) -> None:
        """Raise DocumentCorrupt if something on the page cannot be drawn: else that would pass for blank paper."""


def main(argument: str) -> None:
    """Serve one request and end."""
    request = Request.from_argument(argument)
    _die_with(request.parent)
    limits.apply(request.limits)
    try:
        header, body = _answer(request, sys.stdin.buffer)
    except DocumentError as error:
        header, body = {"fault": error.reason}, b""
    except MemoryError:
        header, body = {"fault": Reason.TOO_MUCH_MEMORY}, b""
    sys.stdout.buffer.write(wire.pack(header, body))


def _die_with(parent: int) -> None:
    """Be killed when the worker's thread that started us ends, however it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before the call above took effect
            os.kill(os.getpid(), signal.SIGKILL)


def _answer(request: Request, stream: BinaryIO) -> Answer:
    _check_kind(stream, request.media_type)
    try:
        document = _open(stream, request)
        if request.verb is Verb.COUNT:
            return {"pages": document.pages()}, b""
        return _page(document, request)
    except DocumentCorrupt as error:
        if error.reason is Reason.CORRUPT and not has_end(stream, request.media_type):
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


def _page(document: Document, request: Request) -> Answer:
    from submissions.documents import blank, encode, paper  # noqa: PLC0415

    if request.verb is Verb.LOAD and request.text_layer and (text := document.text(request.index)):
        return {"text": text}, b""
    image = document.image(request.index, max(request.max_pixels, blank.LOOK_PIXELS))
    if request.verb is Verb.LOAD and blank.is_blank(image):
        document.check_whole(request.index)
        return {"blank": True}, b""
    return {}, encode.page(paper.fitted(image, request.max_pixels), lossy=document.lossy)
