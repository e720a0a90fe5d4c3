"""Makes a clean page look as if a pupil had photographed it on a desk: tilted, unevenly lit, noisy, held sideways.

The same picture each time: noise comes from a seeded generator.
"""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageFilter, ImageOps

PHOTO_SIZE = (1240, 1654)
_DESK = (112, 88, 66)
_PAPER_TINT = (252, 248, 238)
_SHADOW_OF_PHONE = 0.42  # how much darker the darkest corner is than the lightest
_NOISE = 10  # largest step of brightness, of 255
_ORIENTATION_TAG, _TURNED_LEFT = 0x0112, 6
# Corners of what the camera sees, as shares of the desk's picture: top left, bottom left, bottom right, top right.
_CAMERA = ((0.012, 0.038), (0.002, 0.992), (0.972, 0.968), (0.996, 0.008))


def photo(page: Image.Image) -> Image.Image:
    """A photo of the page, as the camera held upright would show it."""
    seen = _tilted(_on_desk(page)).filter(ImageFilter.GaussianBlur(0.7))
    lit = ImageChops.multiply(seen, _light(seen.size))
    return _noisy(lit, random.Random(7))


def camera_file(photo: Image.Image) -> tuple[Image.Image, Image.Exif]:
    """The photo as a phone stores it: turned by a quarter, with the EXIF tag that says so."""
    exif = Image.Exif()
    exif[_ORIENTATION_TAG] = _TURNED_LEFT
    return photo.transpose(Image.Transpose.ROTATE_90), exif


def _on_desk(page: Image.Image) -> Image.Image:
    sheet = ImageOps.colorize(page, black=(38, 40, 58), white=_PAPER_TINT)
    border = page.width // 14
    desk = Image.new("RGB", (page.width + 2 * border, page.height + 2 * border), _DESK)
    shadow = Image.new("L", desk.size, 0)
    shadow.paste(150, (border, border, border + page.width + 14, border + page.height + 18))
    desk.paste((40, 30, 24), mask=shadow.filter(ImageFilter.GaussianBlur(10)))
    desk.paste(sheet, (border, border))
    return desk


def _tilted(desk: Image.Image) -> Image.Image:
    corners = [share * side for corner in _CAMERA for share, side in zip(corner, desk.size, strict=True)]
    return desk.transform(PHOTO_SIZE, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)


def _light(size: tuple[int, int]) -> Image.Image:
    """Bright near the window at the top left, darker towards the hand that holds the phone."""
    slope = Image.linear_gradient("L").rotate(35, expand=True, fillcolor=255).crop((90, 90, 270, 270))
    shade = slope.resize(size, Image.Resampling.BICUBIC).point(lambda value: round(255 - value * _SHADOW_OF_PHONE))
    return Image.merge("RGB", [shade] * 3)


def _noisy(image: Image.Image, generator: random.Random) -> Image.Image:
    grain = Image.frombytes("L", image.size, generator.randbytes(image.width * image.height))
    grain = grain.filter(ImageFilter.GaussianBlur(0.6)).point(lambda value: value * 2 * _NOISE // 255)
    return ImageChops.add(image, Image.merge("RGB", [grain] * 3), offset=-_NOISE)
