"""The text that a PDF page carries, if it can be trusted to be all that is seen on the page, and nothing else.

Runs in the child process. A trusted page is not shown to a model: its text is exact. Trusted is a text

1. whose characters have a meaning and read like language (`language`): fonts with a wrong or missing map give garbage;
2. of which every character is seen (`visible`): OCR layers, white and covered text are not, wherever they lie;
3. beside which the page is blank (`blank`): no picture, no pen stroke, no field, no letters drawn as outlines;
4. that lies in the file as it is read: where page or text are turned, PDFium loses line breaks and the lines' order.

2 and 3 are told by drawing the page with and without its text. The order of lines is the one of the file, which is
that of reading in what word processors write.
"""

import math

import pypdfium2
from pypdfium2 import raw

from submissions.documents import language
from submissions.documents.blank import is_blank
from submissions.documents.visible import Drawing, all_seen, has_ink

_CHARACTERS_AT_MOST = 50_000  # ten times a page of small print
_FORMS_IN_FORMS = 15  # levels; deeper nesting is no word processor's
_UPRIGHT_AT_LEAST = 0.95


def trusted_text(page: pypdfium2.PdfPage) -> str | None:
    """The page's text with its line breaks, or None. Changes the page object: load it anew to draw it."""
    layer = page.get_textpage()
    if not 0 < layer.count_chars() <= _CHARACTERS_AT_MOST:
        return None
    text = language.tidied(layer.get_text_bounded())
    trusted = language.reads_like_language(text) and _is_upright(page, layer) and _is_all_there_is(page, layer)
    return text if trusted else None


def _is_upright(page: pypdfium2.PdfPage, layer: pypdfium2.PdfTextPage) -> bool:
    """Whether the page is not turned, and neither are nearly all of its characters."""
    inked = [index for index in range(layer.count_chars()) if has_ink(layer, index)]
    upright = sum(math.isclose(raw.FPDFText_GetCharAngle(layer, index), 0, abs_tol=0.02) for index in inked)
    return page.get_rotation() == 0 and upright >= _UPRIGHT_AT_LEAST * len(inked)


def _is_all_there_is(page: pypdfium2.PdfPage, layer: pypdfium2.PdfTextPage) -> bool:
    objects = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=_FORMS_IN_FORMS))
    # A font without a name draws its letters as pictures (Type 3): what they mean is a claim of whoever scanned them.
    if not all(each.get_font().get_base_name() for each in objects):
        return False
    drawing = Drawing(page, objects)
    return is_blank(drawing.showing(()), drawn=True) and all_seen(layer, drawing)
