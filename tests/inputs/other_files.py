"""Files of kinds that are not read, whatever their name says."""

import io
import random
import zipfile

from PIL import Image

from submissions.documents.errors import Reason
from tests.inputs.case import corrupt, too_large, unsupported


def _word_document() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("word/document.xml"), "<w:document/>")
    return target.getvalue()


def _image(form: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(target, form)
    return target.getvalue()


def _box(kind: bytes, *brands: bytes) -> bytes:
    """The first box of a film or an image of the ISO family."""
    content = brands[0] + b"\x00" * 4 + b"".join(brands[1:])
    return (8 + len(content)).to_bytes(4, "big") + kind + content


CASES = (
    corrupt("an empty file", lambda: b"", Reason.EMPTY),
    # The largest that can be handed in; the worker's limit is one byte less.
    too_large("a file above the limit", lambda: b"%PDF-1.7\n".ljust(10 * 1024 * 1024, b"\0"), Reason.FILE_TOO_LARGE),
    unsupported("one byte", lambda: b"\xff"),
    unsupported("a text", lambda: b"Liebe Frau Muster, anbei meine Hausaufgabe."),
    unsupported("a web page", lambda: b"<!doctype html><title>Login</title>"),
    unsupported("an RTF", lambda: rb"{\rtf1 Hallo}"),
    unsupported("a Word document", _word_document),
    unsupported("a GIF", lambda: _image("GIF")),
    unsupported("a BMP", lambda: _image("BMP")),
    unsupported("a PostScript file", lambda: _image("EPS")),
    unsupported("an SVG", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    unsupported("an AVIF", lambda: _box(b"ftyp", b"avif", b"mif1", b"miaf")),
    unsupported("an AVIF that calls itself HEIF", lambda: _box(b"ftyp", b"mif1", b"avif", b"miaf")),
    unsupported("a film", lambda: _box(b"ftyp", b"isom", b"avc1", b"mp42")),
    unsupported("a sound", lambda: b"RIFF\x24\x00\x00\x00WAVEfmt "),
    unsupported("a program", lambda: b"\x7fELF\x02\x01\x01" + b"\x00" * 57),
    unsupported("zeros", lambda: bytes(5_000)),
    unsupported("noise", lambda: random.Random(1).randbytes(5_000)),
    unsupported("a PDF behind a kilobyte of something else", lambda: b"x" * 1100 + b"%PDF-1.7\n"),
)
