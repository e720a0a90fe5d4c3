"""Real documents for the tests: sound ones, and ones with exactly one thing wrong."""

import io
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

A4 = (595.276, 841.89)  # points
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 170, 60), (30, 60, 200), (240, 220, 40)


def four_corners(width: int = 80, height: int = 60) -> Image.Image:
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


def save_encrypted_pdf(path: Path) -> Path:
    return save_pdf(path, [RED], encrypt=StandardEncryption("needed-to-open", "owner"))


def save_pdf_without_pages(path: Path) -> Path:
    with pypdfium2.PdfDocument.new() as document:
        document.save(path)
    return path


def save_endless_pdf(path: Path) -> Path:
    """A small file that takes for ever to draw: thirty forms, each of which draws the next one ten times."""
    depth = 30
    page = b"/Type /Page /Parent 2 0 R /MediaBox [0 0 100 100]"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< " + page + b" /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>",
        _stream(b"", b"/F Do " * 10),
    ]
    for number in range(5, 5 + depth):
        resources = b"/Resources << /XObject << /F %d 0 R >> >>" % (number + 1)
        form = b"/Type /XObject /Subtype /Form /BBox [0 0 100 100] "
        objects.append(_stream(form + resources, b"/F Do " * 10))
    objects.append(_stream(b"/Type /XObject /Subtype /Form /BBox [0 0 100 100]", b"0 0 9 9 re f"))
    path.write_bytes(_pdf_of(objects))
    return path


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"<< %s /Length %d >> stream\n%s\nendstream" % (entries, len(content), content)


def _pdf_of(objects: list[bytes]) -> bytes:
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer << /Size %d /Root 1 0 R >>" % (len(objects) + 1)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return body + head + table + trailer + b"\nstartxref\n%d\n%%%%EOF\n" % len(body)
