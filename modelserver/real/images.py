"""Decoding what a call brings as an image, as strictly as Ollama's decoder: PNG, JPEG, BMP, GIF and WebP, no more.

EXIF orientation is not applied (Ollama's decoder does not either): whoever sends a photo turns it upright first.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from modelserver.errors import ApiError, from_llama_server

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
# Small images are enlarged until their longer side has this many pixels, but at most threefold.
WANTED_SIDE = 1200
LARGEST_FACTOR = 3

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def pixels(image: bytes) -> Pixels:
    """The image as rows of blue-green-red pixels. Raises ApiError 400 when it is none of the known formats."""
    try:
        with Image.open(io.BytesIO(image), formats=FORMATS) as opened:
            picture = _enlarged(opened.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise _undecodable() from None
    return np.asarray(picture)[:, :, ::-1].copy()


def _enlarged(picture: Image.Image) -> Image.Image:
    factor = min(LARGEST_FACTOR, WANTED_SIDE / max(picture.size))
    if factor <= 1:
        return picture
    size = (round(picture.width * factor), round(picture.height * factor))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _undecodable() -> ApiError:
    return from_llama_server(400, "Failed to load image or audio file", "invalid_request_error")
