"""Real documents for the tests: sound ones, and ones with exactly one thing wrong."""

import io
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from tests.inputs.pdfs import shading_that_calculates

pillow_heif.register_heif_opener()

A4 = (595.276, 841.89)  # points
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 170, 60), (30, 60, 200), (240, 220, 40)


def four_corners(width: int = 160, height: int = 120) -> Image.Image:
    """A picture that shows how it was turned: red, green / blue, yellow, clockwise from the top left: r g y b."""
    image = Image.new("RGB", (width, height))
    for index, colour in enumerate((RED, GREEN, BLUE, YELLOW)):
        left, top = index % 2 * width // 2, index // 2 * height // 2
        image.paste(colour, (left, top, left + width // 2, top + height // 2))
    return image


def corner_colours(page: bytes) -> list[tuple[int, int, int]]:
    """The corners of a rendered page, each named by the nearest of the four colours: top row, bottom row."""
    image = Image.open(io.BytesIO(page)).convert("RGB")
    right, bottom = image.width - 3, image.height - 3
    return [_nearest(image.getpixel(at)) for at in ((2, 2), (right, 2), (2, bottom), (right, bottom))]


def _nearest(pixel: Any) -> tuple[int, int, int]:
    return min(
        (RED, GREEN, BLUE, YELLOW),
        key=lambda colour: sum((a - b) ** 2 for a, b in zip(colour, pixel, strict=True)),
    )


def save_image(image: Image.Image, path: Path, form: str, **options: Any) -> Path:
    image.save(path, form, **options)
    return path


def save_pdf(path: Path, colours: list[tuple[int, int, int]], size: tuple[float, float] = A4, **options: Any) -> Path:
    """One page for each colour, filled with it."""
    canvas = Canvas(str(path), pagesize=size, **options)
    for red, green, blue in colours:
        canvas.setFillColorRGB(red / 255, green / 255, blue / 255)
        canvas.rect(0, 0, *size, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return path


def save_endless_pdf(path: Path) -> Path:
    """A small file that takes for ever to draw, and little memory."""
    path.write_bytes(shading_that_calculates(8_000))
    return path
