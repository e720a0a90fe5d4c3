import io
from pathlib import Path

import pytest
from PIL import Image

from submissions.documents.media_type import SNIFF_BYTES, MediaType, sniff
from tests.documents.making import RED, save_pdf


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("JPEG", MediaType.JPEG),
        ("PNG", MediaType.PNG),
        ("WEBP", MediaType.WEBP),
        ("TIFF", MediaType.TIFF),
    ],
)
def test_an_image_is_known_by_its_first_bytes(form: str, media_type: MediaType) -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), RED).save(file, form)

    assert sniff(file.getvalue()[:SNIFF_BYTES]) is media_type


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_a_photo_of_a_phone_in_heic_is_known_by_its_brand(brand: bytes) -> None:
    assert sniff(b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1heic") is MediaType.HEIC


def test_a_tiff_of_the_other_byte_order_is_known_too() -> None:
    assert sniff(b"MM\x00*\x00\x00\x00\x08") is MediaType.TIFF


def test_a_pdf_is_known_also_behind_some_stray_bytes(tmp_path: Path) -> None:
    pdf = save_pdf(tmp_path / "a.pdf", [RED]).read_bytes()

    assert sniff(pdf[:SNIFF_BYTES]) is MediaType.PDF
    assert sniff((b"\r\n" * 100 + pdf)[:SNIFF_BYTES]) is MediaType.PDF


@pytest.mark.parametrize(
    "head",
    [b"", b"\xff", b"Liebe Frau Muster,", b"PK\x03\x04 word/document.xml", b"GIF89a", b"\x00\x00\x00\x1cftypavif"],
)
def test_anything_else_is_unknown(head: bytes) -> None:
    assert sniff(head) is None
