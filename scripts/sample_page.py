"""Sets a text as a printed page, for the samples: as an image with Pillow, or as a PDF with reportlab.

A text is written in the little Markdown that the samples use: "# " and "## " begin a heading, blank lines part
paragraphs, a form feed begins a new page. Fonts: Source Serif, Source Sans, and the
handwriting-like Intuitive (all SIL Open Font License).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

PAGE_SIZE = (1654, 2339)  # A4 at 200 dpi
MARGIN = 200
_POINT = 200 / 72  # pixels
_PAPER, _INK = 255, 25


@dataclass(frozen=True)
class Typeface:
    """Font files."""

    regular: str
    bold: str


_SERIF = str(files("font_source_serif_pro") / "files" / "SourceSerifPro-Regular.ttf")
_SERIF_BOLD = str(files("font_source_serif_pro") / "files" / "SourceSerifPro-Bold.ttf")
_SANS = str(files("font_source_sans_pro") / "files" / "SourceSansPro-Regular.ttf")
_SANS_BOLD = str(files("font_source_sans_pro") / "files" / "SourceSansPro-Bold.ttf")


_HANDWRITING = str(files("font_intuitive") / "files" / "Intuitive.ttf")

SERIF, SANS = Typeface(_SERIF, _SERIF_BOLD), Typeface(_SANS, _SANS_BOLD)
HANDWRITING = Typeface(_HANDWRITING, _HANDWRITING)


@dataclass(frozen=True)
class Style:
    """How one kind of block looks, in points."""

    size: float
    leading: float
    space_after: float
    bold: bool = False


_STYLES = {
    "# ": Style(23, 30, 12, bold=True),
    "## ": Style(18, 24, 7, bold=True),
    "": Style(15, 23, 12),
}


def page_image(text: str, face: Typeface = SERIF, scale: float = 1.0) -> Image.Image:
    """The text as a clean page in shades of gray, A4 at 200 dpi; `scale` 1 is large print, 15 points."""
    image = Image.new("L", PAGE_SIZE, _PAPER)
    draw = ImageDraw.Draw(image)
    top = float(MARGIN)
    for style, content in _blocks(text):
        font = ImageFont.truetype(face.bold if style.bold else face.regular, round(style.size * _POINT * scale))
        for line in _lines(content, font):
            draw.text((MARGIN, top), line, fill=_INK, font=font)
            top += style.leading * _POINT * scale
        top += style.space_after * _POINT * scale
    if top > PAGE_SIZE[1] - MARGIN / 2:
        raise ValueError("the text does not fit on one page")
    return image


def pdf(text: str) -> bytes:
    """The text as a PDF of A4 pages, the same bytes each time."""
    registerFont(TTFont("Sample", _SANS))
    registerFont(TTFont("Sample-Bold", _SANS_BOLD))
    story = []
    for page in text.split("\f"):
        story += [Paragraph(escape(content), _pdf_style(style)) for style, content in _blocks(page)]
        story.append(PageBreak())
    target = io.BytesIO()
    margin = MARGIN / _POINT
    SimpleDocTemplate(
        target, pagesize=A4, invariant=1, leftMargin=margin, rightMargin=margin, topMargin=margin, bottomMargin=margin
    ).build(story)
    return target.getvalue()


def _blocks(text: str) -> Iterator[tuple[Style, str]]:
    for block in filter(None, (part.strip() for part in text.split("\n\n"))):
        mark = next(mark for mark in _STYLES if block.startswith(mark))
        yield _STYLES[mark], block.removeprefix(mark)


def _lines(content: str, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    """Break a paragraph between words."""
    line = ""
    for word in content.split():
        longer = f"{line} {word}".lstrip()
        if line and font.getlength(longer) > PAGE_SIZE[0] - 2 * MARGIN:
            yield line
            line = word
        else:
            line = longer
    yield line


def _pdf_style(style: Style) -> ParagraphStyle:
    return ParagraphStyle(
        "block",
        fontName="Sample-Bold" if style.bold else "Sample",
        fontSize=style.size,
        leading=style.leading,
        spaceAfter=style.space_after,
    )
