"""Counts a document's pages and gets one of them, each in a child process of its own.

One page per call: a document of a hundred pages never sits in the worker's memory. A call costs about 0.15 s
more than the work itself, for starting Python and the decoder; a model call costs seconds.
"""

import os
import sys
from pathlib import Path
from typing import Any

from submissions.documents import process, wire
from submissions.documents.errors import DocumentTooLarge, OpenerFailed, Reason, error_for
from submissions.documents.limits import Limits
from submissions.documents.media_type import MediaType
from submissions.documents.page import Page
from submissions.documents.request import Request, Verb

DEFAULT_LIMITS = Limits()
DEFAULT_MAX_PIXELS = 4_000_000
"""A page's pixel budget for whoever names none: A4 at 200 dpi (1654 x 2339) fits."""

_PROJECT_FOLDER = str(Path(__file__).parents[2])
# -I keeps PYTHON* variables, the current folder and the user's packages out; so our own folder is named here.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from submissions.documents.child import main; main(sys.argv[2])"


def count_pages(path: Path, media_type: MediaType, *, limits: Limits = DEFAULT_LIMITS) -> int:
    """The number of pages of a document, at least 1; an image is one page, a TIFF one or more.

    Opens the document as far as is needed to know that it is one. Raises a DocumentError, or OSError if there is
    no such file.
    """
    header, _ = _ask_child(path, Request(Verb.COUNT, media_type, limits, os.getpid()))
    return int(header["pages"])


def load_page(
    path: Path,
    media_type: MediaType,
    index: int,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    text_layer: bool = True,
    limits: Limits = DEFAULT_LIMITS,
) -> Page:
    """One page (index from 0) as its own text, as blank, or as an image for the model server.

    `text_layer`: a PDF page's own text is taken if it can be trusted (`text_layer.py`). Images as of render_page.
    Raises a DocumentError, or OSError if there is no such file.
    """
    header, image = _ask_child(path, Request(Verb.LOAD, media_type, limits, os.getpid(), index, max_pixels, text_layer))
    return Page(header.get("text"), header.get("blank", False), image or None)


def render_page(
    path: Path,
    media_type: MediaType,
    index: int,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """One page as PNG or JPEG bytes whatever is on it: upright, in colour, without metadata.

    A PDF page is rendered at 200 dpi, or less where that would exceed max_pixels (width times height); an image is
    made smaller only above max_pixels. Raises a DocumentError, or OSError if there is no such file.
    """
    _, image = _ask_child(path, Request(Verb.RENDER, media_type, limits, os.getpid(), index, max_pixels))
    return image


def _ask_child(path: Path, request: Request) -> tuple[dict[str, Any], bytes]:
    """Give the document to a child; its answer's header and body, or its fault raised."""
    command = [sys.executable, "-I", "-c", _START, _PROJECT_FOLDER, request.to_argument()]
    limits = request.limits
    with path.open("rb") as document:
        if os.fstat(document.fileno()).st_size > limits.file_bytes:
            raise DocumentTooLarge(Reason.FILE_TOO_LARGE)
        answer = process.run(command, document, wall_seconds=limits.wall_seconds, answer_bytes=limits.answer_bytes)
    try:
        header, body = wire.unpack(answer)
        fault = Reason(header["fault"]) if "fault" in header else None
    except ValueError:
        raise OpenerFailed(Reason.OPENER_GARBLED) from None
    if fault:
        raise error_for(fault)
    return header, body
