"""What a file is, told by its first bytes and never by its name or by what the sender claims.

WebP, HEIC and TIFF are recognised so that a refusal can name them; opening them is not built yet (see READABLE).
"""

from enum import StrEnum

SNIFF_BYTES = 1024  # a PDF reader looks for "%PDF-" in this many bytes; everything else shows in the first 16


class MediaType(StrEnum):
    """The kinds of document that are told apart, by their registered names."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"
    WEBP = "image/webp"
    HEIC = "image/heic"
    TIFF = "image/tiff"


READABLE = frozenset({MediaType.JPEG, MediaType.PNG, MediaType.PDF})

_FIRST_BYTES = (
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def sniff(head: bytes) -> MediaType | None:
    """Tell the kind of a file from its first SNIFF_BYTES bytes (fewer if it is shorter); None if unknown."""
    for first_bytes, media_type in _FIRST_BYTES:
        if head.startswith(first_bytes):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return MediaType.HEIC
    if b"%PDF-" in head[:SNIFF_BYTES]:
        return MediaType.PDF
    return None
