"""Decoded pixels as a page: on paper, upright, of a size that models take. Runs in the child process only."""

import contextlib
import math

from PIL import Image, ImageChops, ImageStat
from PIL.ExifTags import Base

_TURN = {  # what makes a picture upright that was laid down under an EXIF orientation (2 to 8; 1 is upright)
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SHRUNK_WHILE_DECODED = frozenset({"JPEG", "MPO"})  # the decoder leaves out every second, fourth … pixel by itself
_KEPT = frozenset({"L", "RGB", "CMYK"})
_GRAY = frozenset({"1", "F"})
_SIXTEEN_BIT_TO_EIGHT = 1 / 256
_MOSTLY_TRANSPARENT = 128  # of 255, in the mean: writing covers a tenth, a scan with round corners nearly all
_LIGHT_INK = 0.65  # of white
_NARROWEST = 64  # pixels: models cut a picture into squares of 28 or 32 and need more than one
_LONGEST = 16  # times its smaller side. At 200 the runner of a Qwen model ends, with all requests that it works on


def page_of(image: Image.Image, max_pixels: int) -> Image.Image:
    """An image that was opened, in mode "L" or "RGB", upright as its EXIF data says, with at most max_pixels.

    It is made smaller as early as it can be, for the full size may take half a gigabyte.
    """
    if image.format not in _SHRUNK_WHILE_DECODED:
        image.load()  # some decoders turn the picture themselves, and correct its size
    turn = _TURN.get(_orientation(image))
    image = _on_paper(shrunk(_without_palette(image), max_pixels))
    return image.transpose(turn) if turn is not None else image


def shrunk(image: Image.Image, max_pixels: float) -> Image.Image:
    """The image, brought to at most max_pixels if it has more."""
    factor = math.sqrt(max_pixels / math.prod(image.size))
    if factor < 1:
        width, height = (max(1, int(side * factor)) for side in image.size)
        image.thumbnail((width, height), Image.Resampling.LANCZOS)
    return image


def fitted(image: Image.Image, max_pixels: int) -> Image.Image:
    """A picture as models take it: of at most max_pixels, with white beside what is too narrow or too long alone."""
    shape = min(image.size) / max(image.size)
    image = shrunk(image, shape * min(max_pixels / max(shape, 1 / _LONGEST), (max_pixels / _NARROWEST) ** 2))
    narrowest = max(_NARROWEST, max(image.size) // _LONGEST)
    if min(image.size) >= narrowest:
        return image
    sheet = Image.new(image.mode, (max(image.width, narrowest), max(image.height, narrowest)), "white")
    sheet.paste(image)
    return sheet


def _orientation(image: Image.Image) -> int:
    """1 to 8; upright where the EXIF data cannot be read, for the picture itself may be sound."""
    with contextlib.suppress(OSError, SyntaxError, ValueError, LookupError, TypeError, ArithmeticError):
        return int(image.getexif().get(Base.Orientation, 1))
    return 1


def _without_palette(image: Image.Image) -> Image.Image:
    """In a mode that can be made smaller."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value * _SIXTEEN_BIT_TO_EIGHT).convert("L")
    if image.mode in _GRAY:
        return image.convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in _KEPT else image.convert("RGB")


def _on_paper(image: Image.Image) -> Image.Image:
    """As "L" or "RGB". Transparent becomes white, or black under light writing: else neither is seen."""
    if image.mode == "RGBA":
        paper = Image.new("RGBA", image.size, "black" if _is_light_writing(image) else "white")
        paper.alpha_composite(image)
        image = paper
    return image if image.mode == "L" else image.convert("RGB")


def _is_light_writing(image: Image.Image) -> bool:
    """Whether most of an RGBA image is transparent, and what is not is light."""
    opaque = image.getchannel("A")
    ink = ImageChops.multiply(image.convert("L"), opaque)
    opaque_mean, ink_mean = (ImageStat.Stat(each).mean[0] for each in (opaque, ink))
    return opaque_mean < _MOSTLY_TRANSPARENT and ink_mean > _LIGHT_INK * opaque_mean
