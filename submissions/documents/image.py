"""An image, opened with Pillow: a document of one page, or of as many as a TIFF has. Runs in the child process only."""

import contextlib
import math
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import pillow_heif
from PIL import Image, TiffImagePlugin

from submissions.documents import paper, webp
from submissions.documents.errors import DocumentCorrupt, DocumentTooLarge, Reason
from submissions.documents.limits import Limits
from submissions.documents.media_type import MediaType

_FORMAT = {
    MediaType.JPEG: "JPEG",
    MediaType.PNG: "PNG",
    MediaType.WEBP: "WEBP",
    MediaType.HEIC: "HEIF",
    MediaType.TIFF: "TIFF",
}
_LOSSY = frozenset({MediaType.JPEG, MediaType.WEBP, MediaType.HEIC})
# What decoders raise on damaged files. Mutating files showed the first four; Pillow's parsers can raise the rest.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    RuntimeError,
    LookupError,
    TypeError,
    ArithmeticError,
    EOFError,
    struct.error,
    zlib.error,
)
_TIFF_KIND_OF_IMAGE = 254  # the tag NewSubfileType; its lowest bit: a smaller copy of another image in the file
_SMALLER_COPY = 1

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit would bind where ours is set higher
# The picture itself, never a smaller copy or what lies beside it; decoded without further threads.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


class Picture:
    """An open image."""

    def __init__(self, stream: BinaryIO, media_type: MediaType, limits: Limits) -> None:
        self._limits = limits
        self.lossy = media_type in _LOSSY
        if media_type is MediaType.WEBP and webp.pixels_of(stream) > webp.pixels_at_most(limits):
            raise DocumentTooLarge(Reason.TOO_MANY_PIXELS)
        with _decoding():
            self._image: Image.Image = Image.open(stream, formats=[_FORMAT[media_type]])
            self._check_size()
            # Other kinds hold frames of a film, or further pictures of the same moment: the first one is the page.
            self._frames = [self._image.tell()]
            if isinstance(self._image, TiffImagePlugin.TiffImageFile):
                self._frames = _pages_of(self._image, limits)

    def pages(self) -> int:
        """The number of pages, at least 1."""
        return len(self._frames)

    def text(self, index: int) -> str | None:
        """An image has no text of its own."""
        return None

    def image(self, index: int, max_pixels: int) -> Image.Image:
        """The page upright, with at most max_pixels, in colour if it has any."""
        if index >= len(self._frames):
            raise DocumentCorrupt(Reason.PAGE_MISSING)
        with _decoding():
            self._image.seek(self._frames[index])
            self._check_size()
            return paper.page_of(self._image, max_pixels)

    def check_whole(self, index: int) -> None:
        """What cannot be decoded was noticed when it was."""

    def _check_size(self) -> None:
        if math.prod(self._image.size) > self._limits.source_pixels:
            raise DocumentTooLarge(Reason.TOO_MANY_PIXELS)


def _pages_of(tiff: TiffImagePlugin.TiffImageFile, limits: Limits) -> list[int]:
    """The images of a TIFF but for smaller copies. A chain that leads back to an earlier image ends there."""
    frames: list[int] = []
    for number in range(2 * limits.pages + 1):
        try:
            tiff.seek(number)
        except EOFError:
            return frames or [0]
        if not tiff.tag_v2.get(_TIFF_KIND_OF_IMAGE, 0) & _SMALLER_COPY:
            frames.append(number)
        if len(frames) > limits.pages:
            break
    raise DocumentTooLarge(Reason.TOO_MANY_PAGES)


@contextlib.contextmanager
def _decoding() -> Iterator[None]:
    try:
        yield
    except _DECODER_ERRORS as error:
        raise DocumentCorrupt(Reason.CORRUPT) from error
