"""The size of a WebP by its header, before its decoder is started. Runs in the child process only.

Pillow's decoder takes memory for two canvases as it opens a file, and calls a file damaged that wants too much.
"""

from typing import BinaryIO

from submissions.documents.limits import Limits

_BYTES_PER_PIXEL = 12  # two canvases of four bytes, and the picture that is taken out


def pixels_at_most(limits: Limits) -> int:
    """How many pixels a WebP may have."""
    return min(limits.source_pixels, limits.memory_bytes // _BYTES_PER_PIXEL)


def pixels_of(stream: BinaryIO) -> int:
    """Width times height as one of the three kinds of header says (RFC 9649, 2.4 to 2.7); 0 if it is none of them."""
    head = stream.read(30)
    stream.seek(0)
    kind, content = head[12:16], head[20:]
    if kind == b"VP8X":  # the canvas: each side less one, in 24 bits
        return (1 + _number(content[4:7])) * (1 + _number(content[7:10]))
    if kind == b"VP8L":  # a signature of one byte, then each side less one, in 14 bits
        sides = _number(content[1:5])
        return (1 + (sides & 0x3FFF)) * (1 + (sides >> 14 & 0x3FFF))
    if kind == b"VP8 ":  # tag and start code of six bytes, then each side in 14 bits of 16
        return (_number(content[6:8]) & 0x3FFF) * (_number(content[8:10]) & 0x3FFF)
    return 0


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "little")
