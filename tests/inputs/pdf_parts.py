"""PDFs written object by object, so that exactly one thing in them is wrong."""

import zlib
from collections.abc import Sequence

A4_BOX = b"[0 0 595 842]"


def stream(entries: bytes, content: bytes) -> bytes:
    """A stream object."""
    return b"<< %s /Length %d >> stream\n%s\nendstream" % (entries, len(content), content)


def deflated(piece: bytes, pieces: int, times: int = 1) -> bytes:
    """A stream object of a piece that is repeated, compressed, and compressed again if so asked."""
    squeeze = zlib.compressobj(1)
    content = b"".join([*(squeeze.compress(piece) for _ in range(pieces)), squeeze.flush()])
    for _ in range(times - 1):
        content = zlib.compress(content)
    return stream(b"/Filter [%s]" % (b"/FlateDecode " * times), content)


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"", version: bytes = b"1.7") -> bytes:
    """A whole file: objects are numbered from 1, the first is the catalog."""
    body, offsets = b"%%PDF-%s\n" % version, []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer << /Size %d /Root 1 0 R %s >>" % (len(objects) + 1, trailer)
    return body + head + table + end + b"\nstartxref\n%d\n%%%%EOF\n" % len(body)


def one_page(
    content: bytes,
    resources: bytes = b"",
    *others: bytes,
    box: bytes = A4_BOX,
    page: bytes = b"",
    catalog: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """A file with one page: `content` is its stream object (number 4), `others` are objects from number 5 on."""
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R /Resources << %s >> %s >>"
            % (box, resources, page),
            content,
            *others,
        ],
        trailer,
    )
