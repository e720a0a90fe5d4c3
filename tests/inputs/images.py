"""Bad images: cut, damaged, lying about their size, or larger inside than outside."""

import io
import struct
import zlib
from functools import cache, partial

import pillow_heif
from PIL import Image, PngImagePlugin

from submissions.documents.errors import Reason
from tests.inputs.case import corrupt, too_large, truncated

_PNG = b"\x89PNG\r\n\x1a\n"


@cache
def sound(form: str, mode: str = "RGB", size: tuple[int, int] = (240, 160), **options: object) -> bytes:
    """A sound image that does not compress away."""
    if form == "HEIF":
        pillow_heif.register_heif_opener()
    # A pattern instead of noise: Pillow's noise is another one at every call.
    image = Image.radial_gradient("L").resize(size).point(lambda level: level * 37 % 256).convert(mode)
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def cut(content: bytes, share: float = 0.6) -> bytes:
    return content[: int(len(content) * share)]


def damaged(content: bytes, start: int, end: int = -20) -> bytes:
    """Zeros from `start` on, but for the last bytes."""
    return content[:start] + bytes(len(content) - start + end) + content[end:]


def replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new)


def chunk(kind: bytes, content: bytes) -> bytes:
    """A PNG's chunk with its sum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes, depth: int = 1, colour: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return _PNG + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


def jpeg_of_size(width: int, height: int) -> bytes:
    """A JPEG whose frame header (SOF0: length, precision, height, width) says something else than it holds."""
    content = sound("JPEG")
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


def jpeg_of_many_scans() -> bytes:
    """A progressive JPEG that refines the same large, empty picture again and again."""
    target = io.BytesIO()
    Image.new("L", (8000, 8000), 128).save(target, "JPEG", progressive=True)
    content = target.getvalue()
    last_scan = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last_scan * 2000 + content[-2:]


def heic_of_size(width: int, height: int) -> bytes:
    """A HEIC whose spatial extent (the box `ispe`: version, width, height) says something else than it holds."""
    content = sound("HEIF")
    at = content.index(b"ispe") + 8
    return content[:at] + struct.pack(">II", width, height) + content[at + 8 :]


def tiff(entries: dict[int, tuple[int, int, int]], following: int = 0, data: bytes = b"") -> bytes:
    """A TIFF with one directory: tag → (type, count, value), and where the next directory is."""
    fields = b"".join(struct.pack("<HHII", tag, *entry) for tag, entry in sorted(entries.items()))
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries)) + fields + struct.pack("<I", following) + data


def tiff_fields(width: int, height: int, **others: tuple[int, int, int]) -> dict[int, tuple[int, int, int]]:
    """One strip of gray pixels at byte 200."""
    names = {"compression": 259, "offset": 273, "count": 279}
    short, long = 3, 4
    fields = {256: (long, 1, width), 257: (long, 1, height), 258: (short, 1, 8), 259: (short, 1, 1), 262: (short, 1, 1)}
    fields |= {273: (long, 1, 200), 277: (short, 1, 1), 278: (long, 1, height), 279: (long, 1, width * height)}
    return fields | {names[name]: value for name, value in others.items()}


def tiff_of_pages(pages: int) -> bytes:
    image, target = Image.new("1", (8, 8)), io.BytesIO()
    image.save(target, "TIFF", save_all=True, append_images=[image] * (pages - 1))
    return target.getvalue()


def _comment_bomb() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "a" * 100_000_000, zip=True)
    return sound("PNG", pnginfo=info)


def webp_of_size(width: int, height: int, kind: str) -> bytes:
    """A WebP whose header of one of the three kinds says something else than it holds."""
    content = sound("WEBP", lossless=kind == "VP8L")
    if kind == "VP8 ":
        return content[:26] + struct.pack("<HH", width, height) + content[30:]
    if kind == "VP8L":
        return content[:21] + struct.pack("<I", width - 1 | height - 1 << 14) + content[25:]
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    head = b"VP8X" + struct.pack("<I", 10) + b"\x00" * 4 + sides
    return b"RIFF" + struct.pack("<I", 4 + len(head) + len(content) - 12) + b"WEBP" + head + content[12:]


CASES = (
    truncated("a cut JPEG", lambda: cut(sound("JPEG"))),
    truncated("a JPEG that is hardly begun", lambda: sound("JPEG")[:4]),
    corrupt("a JPEG with a damaged header", lambda: damaged(sound("JPEG"), 20)),
    corrupt("a JPEG without a picture", lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9) + b"\xff\xd9"),
    corrupt("a JPEG of no height", lambda: jpeg_of_size(100, 0)),
    corrupt("a JPEG of no width", lambda: jpeg_of_size(0, 100)),
    too_large("a JPEG that says 65 500 x 65 500", lambda: jpeg_of_size(65_500, 65_500), Reason.TOO_MANY_PIXELS),
    too_large("a JPEG of two thousand scans", jpeg_of_many_scans, Reason.TOO_MUCH_TIME),
    truncated("a cut PNG", lambda: cut(sound("PNG"))),
    truncated("a PNG that is hardly begun", lambda: sound("PNG")[:20]),
    corrupt("a PNG with damaged pixels", lambda: damaged(sound("PNG"), 300)),
    corrupt("a PNG with a wrong sum in its header", lambda: sound("PNG")[:29] + b"nope" + sound("PNG")[33:]),
    corrupt("a PNG without pixels", lambda: png(100, 100)),
    corrupt("a PNG with too few pixels", lambda: png(100, 100, chunk(b"IDAT", zlib.compress(b"\x00" * 50)))),
    corrupt("a PNG of no width", lambda: png(0, 100, chunk(b"IDAT", zlib.compress(b"")))),
    corrupt("a PNG without a header", lambda: _PNG + chunk(b"IDAT", b"") + chunk(b"IEND", b"")),
    corrupt("a PNG with a comment that grows a thousandfold", _comment_bomb),
    too_large("a PNG that says 50 000 x 50 000", lambda: png(50_000, 50_000), Reason.TOO_MANY_PIXELS),
    too_large(
        "a PNG with a chunk of four gigabytes",
        lambda: sound("PNG")[:33] + b"\xff" * 4 + sound("PNG")[37:],
        Reason.TOO_MUCH_MEMORY,
    ),
    too_large(
        "a PNG of 97 million transparent pixels",
        lambda: png(9_900, 9_800, chunk(b"IDAT", zlib.compress(bytes(9_800 * (4 * 9_900 + 1)))), depth=8, colour=6),
        Reason.TOO_MUCH_MEMORY,
    ),
    truncated("a cut WebP", lambda: cut(sound("WEBP"))),
    truncated("a WebP that is hardly begun", lambda: sound("WEBP")[:16]),
    corrupt("a WebP with damaged pixels", lambda: damaged(sound("WEBP"), 20)),
    corrupt("a WebP without pixels", lambda: b"RIFF\x04\x00\x00\x00WEBP"),
    *(
        too_large(
            f"a WebP that says 16 383 x 16 383 in its header {kind}",
            partial(webp_of_size, 16_383, 16_383, kind),
            Reason.TOO_MANY_PIXELS,
        )
        for kind in ("VP8 ", "VP8L", "VP8X")
    ),
    truncated("a cut HEIC", lambda: cut(sound("HEIF"))),
    truncated("a HEIC that is hardly begun", lambda: sound("HEIF")[:40]),
    corrupt("a HEIC with damaged pixels", lambda: damaged(sound("HEIF"), sound("HEIF").index(b"mdat") + 8)),
    corrupt("a HEIC of brands alone", lambda: sound("HEIF")[: int.from_bytes(sound("HEIF")[:4], "big")]),
    corrupt("a HEIC whose box is its own parent", lambda: replaced(sound("HEIF"), b"iprp", b"meta")),
    corrupt("a HEIC of no height", lambda: heic_of_size(100, 0)),
    too_large("a HEIC that says 60 000 x 60 000", lambda: heic_of_size(60_000, 60_000), Reason.TOO_MANY_PIXELS),
    corrupt("a cut TIFF", lambda: cut(sound("TIFF"))),
    corrupt("a TIFF that is hardly begun", lambda: sound("TIFF")[:6]),
    corrupt("a TIFF whose directory is nowhere", lambda: b"II*\x00\xff\xff\xff\x7f"),
    corrupt("a TIFF without entries", lambda: tiff({})),
    corrupt("a TIFF of no width", lambda: tiff(tiff_fields(0, 10))),
    corrupt("a TIFF whose pixels are nowhere", lambda: tiff(tiff_fields(10, 10, offset=(4, 1, 900_000_000)))),
    corrupt("a TIFF of an unknown compression", lambda: tiff(tiff_fields(10, 10, compression=(3, 1, 999)))),
    corrupt("a TIFF with more entries than bytes", lambda: b"II*\x00\x08\x00\x00\x00\xff\xff" + bytes(40)),
    corrupt("a TIFF whose strips number four billion", lambda: tiff(tiff_fields(10, 10, offset=(4, 4_000_000_000, 8)))),
    too_large("a TIFF that says 60 000 x 60 000", lambda: tiff(tiff_fields(60_000, 60_000)), Reason.TOO_MANY_PIXELS),
    too_large("a TIFF of 101 pages", lambda: tiff_of_pages(101), Reason.TOO_MANY_PAGES),
)
