"""Is the end of a file there? Asked only of files that cannot be decoded, to say why. Runs in the child process."""

import os
from typing import BinaryIO

from submissions.documents.media_type import MediaType

_END_MARK = {MediaType.JPEG: b"\xff\xd9", MediaType.PNG: b"IEND", MediaType.PDF: b"%%EOF"}
_END_MARK_WITHIN = 1024  # bytes from the end: programs append a little behind the mark


def has_end(stream: BinaryIO, media_type: MediaType) -> bool:
    """Whether the file goes on to where its kind says that it ends; True where the kind does not say (TIFF)."""
    size = stream.seek(0, os.SEEK_END)
    if media_type is MediaType.WEBP:
        stream.seek(4)
        return 8 + int.from_bytes(stream.read(4), "little") <= size
    if media_type is MediaType.HEIC:
        return _boxes_end(stream, size) <= size
    stream.seek(max(0, size - _END_MARK_WITHIN))
    return _END_MARK.get(media_type, b"") in stream.read()


def _boxes_end(stream: BinaryIO, size: int) -> int:
    """Where the last of a file's boxes says that it ends (ISO 14496-12, 4.2). A box takes 8 bytes at least."""
    at = 0
    while at < size:
        stream.seek(at)
        head = stream.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:  # the length follows in eight bytes
            length = int.from_bytes(head[8:16], "big")
        if length == 0:  # to the end of the file
            return size
        at += max(8, length)
    return at
