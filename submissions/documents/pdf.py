"""A PDF, opened with PDFium: its page count, and one page as text or pixels. Runs in the child process only.

Form fields are drawn too: a worksheet may be handed in filled, with the answers in its fields alone.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from submissions.documents.errors import DocumentCorrupt, DocumentTooLarge, DocumentUnsupported, Reason, error_for
from submissions.documents.limits import Limits
from submissions.documents.scale import scale_for
from submissions.documents.text_layer import trusted_text

_DPI = 200  # A4 becomes 1654 x 2339 pixels
_FORMS_IN_FORMS = 15  # levels

_LOAD_FAULTS = {
    raw.FPDF_ERR_PASSWORD: Reason.ENCRYPTED,
    raw.FPDF_ERR_SECURITY: Reason.ENCRYPTED,
    raw.FPDF_ERR_SUCCESS: Reason.NO_PAGES,  # no document, but no error: its tree of pages is empty or missing
}


class Pdf:
    """An open PDF document."""

    lossy = False

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

    def text(self, index: int) -> str | None:
        """The page's own text, if it can be trusted."""
        with self._page(index) as page, suppress(pypdfium2.PdfiumError):  # a page may be sound but for its text
            return trusted_text(page)
        return None

    def image(self, index: int, max_pixels: int) -> Image.Image:
        """One page at 200 dpi, or as many as max_pixels allow."""
        with self._page(index) as page:
            width, height = page.get_size()
            bitmap = page.render(scale=scale_for(width, height, _DPI, max_pixels), rev_byteorder=True)
            drawn: Image.Image = bitmap.to_pil()
            return drawn

    def check_whole(self, index: int) -> None:
        """PDFium draws nothing, and says nothing, where it cannot decode an image."""
        with self._page(index) as page:
            for each in _images(page):
                each.get_bitmap().close()

    @contextmanager
    def _page(self, index: int) -> Iterator[pypdfium2.PdfPage]:
        if index >= len(self._document):
            raise DocumentCorrupt(Reason.PAGE_MISSING)
        try:
            page = self._document[index]
            if any(math.prod(each.get_px_size()) > self._limits.source_pixels for each in _images(page)):
                raise DocumentTooLarge(Reason.TOO_MANY_PIXELS)
            yield page
        except pypdfium2.PdfiumError as error:
            raise DocumentCorrupt(Reason.CORRUPT) from error


def _images(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfImage]:
    yield from page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_FORMS_IN_FORMS)


def _load(content: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(content)
        document.init_forms()
    except pypdfium2.PdfiumError as error:
        raise error_for(_LOAD_FAULTS.get(error.err_code, Reason.CORRUPT)) from error
    return document
