"""Bad PDFs: cut, locked, without the pages they speak of, or made to take memory or time without end."""

import io
import re
import zlib

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from submissions.documents.errors import Reason
from tests.inputs.case import corrupt, too_large, truncated, unsupported
from tests.inputs.pdf_parts import deflated, one_page, pdf_of, stream

MEBIBYTE = 1024 * 1024
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
LEAF = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>"
FILL = b"600 0 0 800 0 0 cm "  # a picture as large as the page


def sound(pages: int = 3, **options: object) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, invariant=True, **options)
    for number in range(pages):
        canvas.drawString(100, 700, f"Seite {number + 1}")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def locked(strength: int) -> bytes:
    """Needs a password to be opened."""
    return sound(encrypt=StandardEncryption("needed-to-open", "owner", strength=strength))


def tree(kids: bytes, count: int, *others: bytes) -> bytes:
    """A file whose tree of pages is as given; `others` are objects from number 3 on."""
    return pdf_of([CATALOG, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count), *others])


def deep_tree(depth: int) -> bytes:
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1) for number in range(2, depth)]
    return pdf_of([CATALOG, *nodes, LEAF])


def picture(entries: bytes, content: bytes, width: int, height: int) -> bytes:
    """A page that shows one picture, whose data may be anything."""
    head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray " % (width, height)
    return one_page(stream(b"", FILL + b"/I Do"), b"/XObject << /I 5 0 R >>", stream(head + entries, content))


def form_that_draws_itself() -> bytes:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Resources << /XObject << /F 5 0 R >> >>"
    return one_page(stream(b"", b"/F Do"), b"/XObject << /F 5 0 R >>", stream(form, b"/F Do /F Do"))


def forms_in_forms(depth: int = 30, times: int = 10) -> bytes:
    """Each form draws the next one ten times: a small file, and 10 to the 30th power of drawings."""
    box = b"/Type /XObject /Subtype /Form /BBox [0 0 100 100] "
    forms = [
        stream(box + b"/Resources << /XObject << /F %d 0 R >> >>" % (number + 1), b"/F Do " * times)
        for number in range(5, 5 + depth)
    ]
    return one_page(stream(b"", b"/F Do"), b"/XObject << /F 5 0 R >>", *forms, stream(box, b"0 0 9 9 re f"))


def pattern(entries: bytes, content: bytes) -> bytes:
    """A page filled with a pattern."""
    head = b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 "
    fill = stream(b"", b"/Pattern cs /P scn 0 0 595 842 re f")
    return one_page(fill, b"/Pattern << /P 5 0 R >>", stream(head + entries, content))


def pattern_in_itself() -> bytes:
    own = b"/BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources << /Pattern << /P 5 0 R >> >>"
    return pattern(own, b"/Pattern cs /P scn 0 0 9 9 re f")


def shading_that_calculates(steps: int) -> bytes:
    """Every pixel's colour is the result of a long calculation (a PostScript function, type 4)."""
    function = stream(
        b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1]", b"{ " + b"dup sin mul exch cos add dup " * steps + b"pop }"
    )
    shading = b"<< /ShadingType 1 /ColorSpace /DeviceGray /Matrix [600 0 0 800 0 0] /Function 5 0 R >>"
    return one_page(stream(b"", b"/S sh"), b"/Shading << /S %s >>" % shading, function)


def with_streams_damaged(content: bytes) -> bytes:
    return re.sub(rb"stream\r?\n.{30}", lambda found: found[0][:-20] + bytes(20), content, flags=re.DOTALL)


BLANK_PAGE = one_page(stream(b"", b""))

CASES = (
    truncated("a PDF of a header alone", lambda: b"%PDF-1.7\n"),
    truncated("a cut PDF", lambda: BLANK_PAGE[: len(BLANK_PAGE) // 2]),
    truncated("a PDF without its table", lambda: BLANK_PAGE[: BLANK_PAGE.index(b"xref\n")]),
    corrupt("a PDF of a header and an end", lambda: b"%PDF-1.7\n%%EOF\n"),
    corrupt("a PDF of zeros", lambda: b"%PDF-1.7\n" + bytes(5_000) + b"%%EOF\n"),
    corrupt("a PDF without a root", lambda: pdf_of([b"<< >>"]).replace(b"/Root 1 0 R", b"")),
    unsupported("a PDF with a password, RC4", lambda: locked(40), Reason.ENCRYPTED),
    unsupported("a PDF with a password, RC4 of 128 bits", lambda: locked(128), Reason.ENCRYPTED),
    unsupported(
        "a PDF for the holder of a certificate",
        lambda: one_page(stream(b"", b""), trailer=b"/Encrypt << /Filter /Adobe.PubSec /V 4 >> /ID [(a) (b)]"),
        Reason.ENCRYPTED,
    ),
    unsupported(
        "a PDF whose lock is broken",
        lambda: one_page(stream(b"", b""), trailer=b"/Encrypt << /Filter /Standard >>"),
        Reason.ENCRYPTED,
    ),
    unsupported("a PDF without pages", lambda: tree(b"", 0), Reason.NO_PAGES),
    unsupported("a PDF without a catalog", lambda: pdf_of([b"<< /Type /Other >>"]), Reason.NO_PAGES),
    corrupt("a PDF whose pages are missing", lambda: tree(b"9 0 R", 1)),
    corrupt("a PDF that counts more pages than it lists", lambda: tree(b"", 5)),
    corrupt("a PDF whose pages are no pages", lambda: tree(b"(x) 7 null", 3)),
    corrupt("a PDF whose tree of pages is a loop", lambda: tree(b"2 0 R", 1)),
    corrupt(
        "a PDF whose tree of pages is a longer loop",
        lambda: tree(b"3 0 R", 1, b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>"),
    ),
    corrupt("a PDF whose tree of pages is 20 000 deep", lambda: deep_tree(20_000)),
    corrupt(
        "a PDF whose picture is no picture",
        lambda: picture(b"/BitsPerComponent 8 /Filter /DCTDecode", b"x" * 999, 99, 99),
    ),
    too_large("a PDF of 101 pages", lambda: sound(101), Reason.TOO_MANY_PAGES),
    too_large("a PDF that says it has a million pages", lambda: tree(b"3 0 R", 1_000_000, LEAF), Reason.TOO_MANY_PAGES),
    too_large(
        "a PDF with a picture of 60 000 x 60 000",
        lambda: picture(
            b"/BitsPerComponent 1 /Filter /FlateDecode", zlib.compress(bytes(7500 * 60_000), 1), 60_000, 60_000
        ),
        Reason.TOO_MANY_PIXELS,
    ),
    too_large(
        "a PDF with a fax of 65 000 lines",
        lambda: picture(
            b"/BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 65000 /Rows 65000 >>",
            b"\xff" * 20_000,
            65_000,
            65_000,
        ),
        Reason.TOO_MANY_PIXELS,
    ),
    too_large(
        "a PDF with a picture that is the same pixel 102 million times",
        lambda: picture(b"/BitsPerComponent 8 /Filter /RunLengthDecode", b"\x81\x00" * 700_000, 30_000, 3_400),
        Reason.TOO_MANY_PIXELS,
    ),
    too_large(
        "a PDF whose page is half a gigabyte of spaces",
        lambda: one_page(deflated(b" " * MEBIBYTE, 512)),
        Reason.TOO_MUCH_MEMORY,
    ),
    too_large(
        "a PDF whose page was compressed twice",
        lambda: one_page(deflated(b" " * MEBIBYTE, 512, times=2)),
        Reason.TOO_MUCH_MEMORY,
    ),
    too_large(
        "a PDF whose page draws ten million lines",
        lambda: one_page(deflated(b"0 0 m 9 9 l S\n" * 10_000, 1_000)),
        Reason.TOO_MUCH_MEMORY,
    ),
    too_large("a PDF with a form that draws itself", form_that_draws_itself, Reason.TOO_MUCH_MEMORY),
    too_large("a PDF with forms in forms in forms", forms_in_forms, Reason.TOO_MUCH_MEMORY),
    too_large(
        "a PDF with a pattern of too small steps",
        lambda: pattern(b"/BBox [0 0 1 1] /XStep 0.0001 /YStep 0.0001 /Resources << >>", b"0 0 1 1 re f"),
        Reason.TOO_MUCH_TIME,
    ),
    too_large("a PDF with a pattern in itself", pattern_in_itself, Reason.TOO_MUCH_TIME),
    too_large(
        "a PDF whose colours take long to calculate", lambda: shading_that_calculates(8_000), Reason.TOO_MUCH_TIME
    ),
)
