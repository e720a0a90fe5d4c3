"""One JPEG or PNG image, opened with Pillow: a document of one page. Runs in the child process only."""

import contextlib
import math
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image, ImageOps

from submissions.documents import encode
from submissions.documents.errors import DocumentCorrupt, DocumentTooLarge, Reason
from submissions.documents.limits import Limits
from submissions.documents.media_type import MediaType

_FORMAT = {MediaType.JPEG: "JPEG", MediaType.PNG: "PNG"}
# What Pillow's decoders raise on damaged files. Mutating files showed the first three; its parsers can raise the rest.
_DECODER_ERRORS = (OSError, SyntaxError, ValueError, LookupError, ArithmeticError, EOFError, struct.error, zlib.error)
_SHRUNK_BY_THE_DECODER = frozenset({"L", "RGB", "CMYK"})  # JPEG's modes; the rest is made "L" or "RGB" first
_SIXTEEN_BIT_TO_EIGHT = 1 / 256

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit would bind where ours is set higher


class Picture:
    """An open image."""

    def __init__(self, stream: BinaryIO, media_type: MediaType, limits: Limits) -> None:
        with _decoding():
            self._image: Image.Image = Image.open(stream, formats=[_FORMAT[media_type]])
        if math.prod(self._image.size) > limits.source_pixels:
            raise DocumentTooLarge(Reason.TOO_MANY_PIXELS)
        self._lossy = media_type is MediaType.JPEG

    def pages(self) -> int:
        """An image is one page."""
        return 1

    def render(self, index: int, max_pixels: int) -> bytes:
        """The image upright, with at most max_pixels, in colour if it has any."""
        if index > 0:
            raise DocumentCorrupt(Reason.PAGE_MISSING)
        with _decoding():
            image = self._image
            if image.mode not in _SHRUNK_BY_THE_DECODER:
                image = _on_white_paper(image)
            image.thumbnail(_size_in_budget(*image.size, max_pixels), Image.Resampling.LANCZOS)
            image = _upright(image)
            if image.mode == "CMYK":
                image = image.convert("RGB")
            image.load()
        return encode.page(image, lossy=self._lossy)


@contextlib.contextmanager
def _decoding() -> Iterator[None]:
    try:
        yield
    except _DECODER_ERRORS as error:
        raise DocumentCorrupt(Reason.CORRUPT) from error


def _on_white_paper(image: Image.Image) -> Image.Image:
    """Any mode as "L" or "RGB". Transparent becomes white: else black writing on nothing is black on black."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value * _SIXTEEN_BIT_TO_EIGHT).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    paper.info["exif"] = image.info.get("exif", b"")
    return paper.convert("RGB")


def _size_in_budget(width: int, height: int, max_pixels: int) -> tuple[int, int]:
    shrink = min(1.0, math.sqrt(max_pixels / (width * height)))
    return max(1, int(width * shrink)), max(1, int(height * shrink))


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF orientation says; as it is where that cannot be read, for the picture itself may be sound."""
    try:
        return ImageOps.exif_transpose(image)
    except _DECODER_ERRORS:
        return image
