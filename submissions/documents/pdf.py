"""A PDF, opened with PDFium: its page count, and one page as pixels. Runs in the child process only.

Form fields are drawn too: a worksheet may be handed in filled, with the answers in its fields alone.
"""

import math
from typing import BinaryIO

import pypdfium2
from pypdfium2 import raw

from submissions.documents import encode
from submissions.documents.errors import DocumentCorrupt, DocumentTooLarge, DocumentUnsupported, Reason, error_for
from submissions.documents.limits import Limits

_POINTS_PER_INCH = 72
_DPI = 200  # A4 becomes 1654 x 2339 pixels

_LOAD_FAULTS = {
    raw.FPDF_ERR_PASSWORD: Reason.ENCRYPTED,
    raw.FPDF_ERR_SECURITY: Reason.ENCRYPTED,
    raw.FPDF_ERR_SUCCESS: Reason.NO_PAGES,  # no document, but no error: its tree of pages is empty or missing
}


class Pdf:
    """An open PDF document."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._document = _load(stream.read())
        self._limits = limits

    def pages(self) -> int:
        """The number of pages; too_many_pages above the limit, no_pages if there are none."""
        pages = len(self._document)
        if pages < 1:
            raise DocumentUnsupported(Reason.NO_PAGES)
        if pages > self._limits.pages:
            raise DocumentTooLarge(Reason.TOO_MANY_PAGES)
        return pages

    def render(self, index: int, max_pixels: int) -> bytes:
        """One page at 200 dpi, or as many as max_pixels allow."""
        if index >= len(self._document):
            raise DocumentCorrupt(Reason.PAGE_MISSING)
        try:
            page = self._document[index]
            width, height = page.get_size()
            bitmap = page.render(scale=_scale(width, height, max_pixels), rev_byteorder=True)
        except pypdfium2.PdfiumError as error:
            raise DocumentCorrupt(Reason.CORRUPT) from error
        return encode.page(bitmap.to_pil())


def _load(content: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(content)
        document.init_forms()
    except pypdfium2.PdfiumError as error:
        raise error_for(_LOAD_FAULTS.get(error.err_code, Reason.CORRUPT)) from error
    return document


def _scale(width: float, height: float, max_pixels: int) -> float:
    """Pixels per point for a page of so many points.

    PDFium rounds both sides up, so the budget's scale s solves (s * width + 1) * (s * height + 1) = max_pixels.
    """
    if not (math.isfinite(width * height) and width > 0 and height > 0):
        raise DocumentCorrupt(Reason.CORRUPT)
    area, sides = width * height, width + height
    in_budget = (math.sqrt(sides**2 + 4 * area * (max_pixels - 1)) - sides) / (2 * area)
    return min(_DPI / _POINTS_PER_INCH, in_budget)
