"""What a file is, told by its first bytes and never by its name or by what the sender claims."""

from enum import StrEnum

SNIFF_BYTES = 1024  # a PDF reader looks for "%PDF-" in this many bytes; everything else shows in the first 64


class MediaType(StrEnum):
    """The kinds of document that are read, by their registered names."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"
    WEBP = "image/webp"
    HEIC = "image/heic"
    TIFF = "image/tiff"


_FIRST_BYTES = (
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
)
# ISO 23008-12, annex B. mif1 and msf1 say only that it is HEIF; the brands behind them say with which codec.
_HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_BRANDS = frozenset({b"mif1", b"msf1"})
_OTHER_CODECS = frozenset({b"avif", b"avis"})


def sniff(head: bytes) -> MediaType | None:
    """Tell the kind of a file from its first SNIFF_BYTES bytes (fewer if it is shorter); None if it is not read."""
    for first_bytes, media_type in _FIRST_BYTES:
        if head.startswith(first_bytes):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head[4:8] == b"ftyp" and _is_heic(head):
        return MediaType.HEIC
    if b"%PDF-" in head[:SNIFF_BYTES]:
        return MediaType.PDF
    return None


def _is_heic(head: bytes) -> bool:
    """Whether the box of brands (length, `ftyp`, the main brand, a version, further brands) names the codec HEVC."""
    end = min(int.from_bytes(head[:4], "big"), SNIFF_BYTES)
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end, 4))}
    return bool(brands & _HEVC_BRANDS) or (bool(brands & _HEIF_BRANDS) and not brands & _OTHER_CODECS)
