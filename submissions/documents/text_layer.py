"""The text that a PDF page carries, if it can be trusted to be all that is seen on the page, and nothing else.

Runs in the child process. A trusted page is not shown to a model: its text is exact. Trusted is a text

1. whose characters have a meaning and read like language (`language`): fonts with a wrong or missing map give garbage;
2. of which every character leaves ink on the page: OCR layers under a scan, white and covered text leave none;
3. beside which the page is blank (`blank`): no picture, no pen stroke, no field, no letters drawn as outlines;
4. that lies in the file as it is read: where page or text are turned, PDFium loses line breaks and the lines' order.

2 and 3 are seen by drawing the page with and without its text. The order of lines is the one of the file, which is
that of reading in what word processors write.
"""

import math

import pypdfium2
from PIL import Image, ImageChops
from pypdfium2 import raw

from submissions.documents import language
from submissions.documents.blank import LOOK_PIXELS, is_blank
from submissions.documents.scale import scale_for

_CHARACTERS_AT_MOST = 50_000  # ten times a page of small print
_FORMS_IN_FORMS = 15  # levels; deeper nesting is no word processor's
_INK = 16  # gray levels: fainter text is not seen by everybody
_HIDDEN_AT_MOST = 0.01  # of the characters
_UPRIGHT_AT_LEAST = 0.95
_DPI = 150


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
    inked = [index for index in range(layer.count_chars()) if _has_ink(layer, index)]
    upright = sum(math.isclose(raw.FPDFText_GetCharAngle(layer, index), 0, abs_tol=0.02) for index in inked)
    return page.get_rotation() == 0 and upright >= _UPRIGHT_AT_LEAST * len(inked)


def _is_all_there_is(page: pypdfium2.PdfPage, layer: pypdfium2.PdfTextPage) -> bool:
    objects = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=_FORMS_IN_FORMS))
    # A font without a name draws its letters as pictures (Type 3): what they mean is a claim of whoever scanned them.
    if not all(each.get_font().get_base_name() for each in objects):
        return False
    width, height = page.get_size()
    scale = scale_for(width, height, _DPI, LOOK_PIXELS)
    with_text = page.render(scale=scale, grayscale=True)
    for each in objects:
        raw.FPDFTextObj_SetTextRenderMode(each, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    without_text = page.render(scale=scale, grayscale=True)
    ink = ImageChops.difference(with_text.to_pil(), without_text.to_pil()).point(lambda level: level >= _INK and 255)
    return is_blank(without_text.to_pil(), drawn=True) and _is_seen(layer, ink, with_text.get_posconv(page))


def _is_seen(layer: pypdfium2.PdfTextPage, ink: Image.Image, places: pypdfium2.PdfPosConv) -> bool:
    """Whether the characters of the layer, but for very few, left ink where they are said to stand."""
    boxes = [layer.get_charbox(index) for index in range(layer.count_chars()) if _has_ink(layer, index)]
    hidden = sum(ink.crop(_pixels_of(box, places)).getbbox() is None for box in boxes)
    return hidden <= _HIDDEN_AT_MOST * len(boxes)


def _has_ink(layer: pypdfium2.PdfTextPage, index: int) -> bool:
    """Spaces have none, nor has what PDFium itself put between words and lines."""
    return not chr(raw.FPDFText_GetUnicode(layer, index)).isspace() and not raw.FPDFText_IsGenerated(layer, index)


def _pixels_of(box: tuple[float, float, float, float], places: pypdfium2.PdfPosConv) -> tuple[int, int, int, int]:
    """A box of the page (left, bottom, right, top) on the drawing, one pixel wider all around."""
    (one_x, one_y), (other_x, other_y) = places.to_bitmap(*box[:2]), places.to_bitmap(*box[2:])
    left, right = sorted((one_x, other_x))
    upper, lower = sorted((one_y, other_y))
    return left - 1, upper - 1, right + 2, lower + 2
