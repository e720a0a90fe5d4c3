"""Documents, opened as this worker's settings say; what goes wrong is a Fault.

What a file is goes by its content: neither its name nor the media type that was handed in with it is asked. Settings:
LEARNING_MAX_UPLOAD_BYTES, LEARNING_MAX_PAGES, LEARNING_MAX_SOURCE_PIXELS, LEARNING_OPENER_*, LEARNING_PDF_TEXT,
AI_VISION_MAX_PIXELS. Every call costs one short-lived child process; `documents` says how it is fenced in.
"""

from __future__ import annotations

from pathlib import Path

from submissions import documents_faults
from submissions.documents import opener
from submissions.documents.errors import Reason, error_for
from submissions.documents.limits import Limits
from submissions.documents.media_type import SNIFF_BYTES, MediaType, sniff
from submissions.documents.page import Page
from submissions.settings import Settings

_MEBIBYTE = 1024 * 1024


def count_pages(settings: Settings, path: Path) -> int:
    """The pages of a document, at least 1. Raises InputFault or OpenerFault."""
    with documents_faults.translated():
        return opener.count_pages(path, _media_type_of(path), limits=limits_of(settings))


def load_page(settings: Settings, path: Path, index: int) -> Page:
    """One page (index from 0): its own text, or blank, or the image to ask the model about.

    Raises InputFault or OpenerFault.
    """
    with documents_faults.translated():
        return opener.load_page(
            path,
            _media_type_of(path),
            index,
            max_pixels=settings.vision_max_pixels,
            text_layer=settings.pdf_text == "auto",
            limits=limits_of(settings),
        )


def limits_of(settings: Settings) -> Limits:
    """What one child process may use."""
    return Limits(
        file_bytes=settings.max_upload_bytes,
        pages=settings.max_pages,
        source_pixels=settings.max_source_pixels,
        memory_bytes=settings.opener_memory_mib * _MEBIBYTE,
        cpu_seconds=settings.opener_cpu_seconds,
        wall_seconds=settings.opener_seconds,
    )


def _media_type_of(path: Path) -> MediaType:
    with path.open("rb") as file:
        head = file.read(SNIFF_BYTES)
    media_type = sniff(head)
    if media_type is None:
        raise error_for(Reason.UNSUPPORTED_TYPE if head else Reason.EMPTY)
    return media_type
