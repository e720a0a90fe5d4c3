"""A page as it came out of its document: its text, or nothing, or a picture to be read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Exactly one of three: `text` that needs no model (never empty), `blank` paper, or an `image` for the model.

    The image is PNG or JPEG: upright, in colour if it has any, within the pixel budget, without metadata.
    """

    text: str | None = None
    blank: bool = False
    image: bytes | None = None
