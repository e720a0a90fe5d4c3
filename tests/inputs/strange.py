"""Inputs that look like attacks or accidents and are survived: each is a document of one page that can be opened."""

from collections.abc import Callable

from tests.inputs.images import sound as image
from tests.inputs.images import tiff, tiff_fields
from tests.inputs.pdf_parts import deflated, one_page, pdf_of, stream
from tests.inputs.pdfs import BLANK_PAGE, CATALOG, LEAF, sound, tree

TEXT = stream(b"", b"BT /F 12 Tf 50 50 Td (aaa) Tj ET")
FIELD_AND_PARENT = b"<< /FT /Tx /T (a) /Kids [5 0 R 5 0 R] /Parent 5 0 R >>"


def _page(content: bytes = b"", entries: bytes = b"", **more: bytes) -> Callable[[], bytes]:
    return lambda: one_page(stream(b"", content), page=entries, **more)


def _blank(old: bytes, new: bytes) -> Callable[[], bytes]:
    assert old in BLANK_PAGE
    return lambda: BLANK_PAGE.replace(old, new)


def type_3_that_writes_itself() -> bytes:
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0]"
        b" /CharProcs << /a 6 0 R >> /Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 /Widths [1000]"
        b" /Resources << /Font << /F 5 0 R >> >> >>"
    )
    glyph = stream(b"", b"1000 0 d0 BT /F 999 Tf (aaaa) Tj ET")
    return one_page(TEXT, b"/Font << /F 5 0 R >>", font, glyph)


def mask_that_masks_itself() -> bytes:
    own = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Group << /S /Transparency /CS /DeviceGray >>"
        b" /Resources << /ExtGState << /G 5 0 R >> >>"
    )
    draw = b"/G gs 0 0 99 99 re f"
    state = b"<< /SMask << /S /Luminosity /G 6 0 R >> >>"
    return one_page(stream(b"", draw), b"/ExtGState << /G 5 0 R >>", state, stream(own, draw))


def map_of_half_a_million_ranges() -> bytes:
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>"
    ranges = deflated(b"1 beginbfrange <0000> <FFFF> <0000> endbfrange " * 1_000, 100)
    return one_page(TEXT, b"/Font << /F 5 0 R >>", font, ranges)


def fields_in_fields(depth: int) -> bytes:
    fields = [b"<< /T (a) /Kids [%d 0 R] >>" % (number + 1) for number in range(4, depth)]
    catalog = CATALOG.replace(b"/Type", b"/AcroForm << /Fields [4 0 R] >> /Type")
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf_of([catalog, pages, LEAF, *fields, b"<< /FT /Tx >>"])


def tiff_whose_directories_are_a_loop() -> bytes:
    return tiff(tiff_fields(10, 10), following=8, data=bytes(300))


STRANGE: dict[str, Callable[[], bytes]] = {
    "arrays in arrays": _page(entries=b"/X " + b"[" * 200_000 + b"]" * 200_000),
    "dictionaries in dictionaries": _page(entries=b"/X " + b"<</A " * 200_000 + b">>" * 200_000),
    "arrays in arrays on the page": _page(b"[" * 500_000),
    "a million saved states": _page(b"q " * 1_000_000),
    "a table of four billion objects": _blank(b"xref\n0 5", b"xref\n0 4000000000"),
    "a size of two billion objects": _blank(b"/Size 5", b"/Size 2147483647"),
    "a table that follows itself": _blank(b"trailer << ", b"trailer << /Prev %d " % BLANK_PAGE.index(b"xref\n")),
    "a table that is nowhere": _blank(b"startxref\n", b"startxref\n99"),
    "an object that is another that is the first": lambda: one_page(
        stream(b"", b""), b"", b"6 0 R", b"5 0 R", page=b"/Annots 5 0 R /Rotate 5 0 R"
    ),
    "a stream as long as itself": lambda: one_page(b"<< /Length 4 0 R >> stream\nq\nendstream"),
    "a stream of a hundred gigabytes": lambda: one_page(b"<< /Length 99999999999 >> stream\nq\nendstream"),
    "a page of a billion points": _page(b"0 0 9 9 re f", box=b"[0 0 1000000000 1000000000]"),
    "a page that is a line": _page(b"0 0 9 9 re f", box=b"[0 0 1000000000 1]"),
    "a page of no size": _page(b"0 0 9 9 re f", box=b"[5 5 5 5]"),
    "a page whose size is a word": _page(b"0 0 9 9 re f", box=b"(x)"),
    "a unit of a million points": _page(b"0 0 9 9 re f", b"/UserUnit 1000000"),
    "dashes shorter than atoms": _page(b"[0.00001 0.00001] 0 d 0 0 m 100000 100000 l S"),
    "two billion pages that are one": lambda: tree(b"3 0 R", 2_147_483_647, LEAF),
    "a script without end": _page(catalog=b"/OpenAction << /S /JavaScript /JS (while(true){}) >>"),
    "a form of another kind": _page(catalog=b"/AcroForm << /XFA [(template) 4 0 R] /Fields [] >>"),
    "a field that is its own parent": lambda: one_page(
        stream(b"", b""), b"", FIELD_AND_PARENT, catalog=b"/AcroForm << /Fields [5 0 R] >>"
    ),
    "twenty thousand fields in fields": lambda: fields_in_fields(20_000),
    "a font that writes with itself": type_3_that_writes_itself,
    "a mask that masks itself": mask_that_masks_itself,
    "a map of a hundred thousand ranges": map_of_half_a_million_ranges,
    "a hundred thousand filters": lambda: one_page(stream(b"/Filter [" + b"/ASCIIHexDecode " * 100_000 + b"]", b"00")),
    "a PDF without its last bytes": lambda: BLANK_PAGE[:-8],
    "a PDF with bytes behind its end": lambda: sound(1) + bytes(5_000),
    "a PDF behind some stray bytes": lambda: b"\r\n" * 100 + sound(1),
    "a JPEG with bytes behind its end": lambda: image("JPEG") + bytes(5_000),
    "a TIFF whose directories are a loop": tiff_whose_directories_are_a_loop,
}
