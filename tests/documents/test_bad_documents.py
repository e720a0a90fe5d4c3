from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from submissions.documents.errors import (
    ADVICE,
    DocumentCorrupt,
    DocumentError,
    DocumentTooLarge,
    DocumentUnsupported,
    Reason,
    error_for,
)
from submissions.documents.limits import Limits
from submissions.documents.media_type import MediaType
from submissions.documents.opener import count_pages, render_page
from tests.documents.making import (
    RED,
    four_corners,
    save_encrypted_pdf,
    save_image,
    save_pdf,
    save_pdf_without_pages,
)


def _jpeg(path: Path) -> bytes:
    return save_image(four_corners(400, 300), path, "JPEG").read_bytes()


def _png(path: Path) -> bytes:
    return save_image(Image.effect_noise((200, 200), 80), path, "PNG").read_bytes()


def _pdf(path: Path) -> bytes:
    return save_pdf(path, [RED] * 3).read_bytes()


def _cut(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def _damaged(content: bytes) -> bytes:
    """The first bytes and the last ones are right; what is between them is not."""
    return content[:20] + b"\x00" * (len(content) - 40) + content[-20:]


@dataclass(frozen=True)
class Bad:
    """A document with one thing wrong, and what must be said of it."""

    name: str
    media_type: MediaType
    make: Callable[[Path], bytes]
    error: type[DocumentError]
    reason: Reason


BAD = [
    Bad("an empty file", MediaType.JPEG, lambda _: b"", DocumentCorrupt, Reason.EMPTY),
    Bad("a cut JPEG", MediaType.JPEG, lambda p: _cut(_jpeg(p)), DocumentCorrupt, Reason.TRUNCATED),
    Bad("a cut PNG", MediaType.PNG, lambda p: _cut(_png(p)), DocumentCorrupt, Reason.TRUNCATED),
    Bad("a cut PDF", MediaType.PDF, lambda p: _cut(_pdf(p)), DocumentCorrupt, Reason.TRUNCATED),
    Bad("a damaged JPEG", MediaType.JPEG, lambda p: _damaged(_jpeg(p)), DocumentCorrupt, Reason.CORRUPT),
    Bad("a damaged PNG", MediaType.PNG, lambda p: _damaged(_png(p)), DocumentCorrupt, Reason.CORRUPT),
    Bad("a damaged PDF", MediaType.PDF, lambda p: _damaged(_pdf(p)), DocumentCorrupt, Reason.CORRUPT),
    Bad("a text called PDF", MediaType.PDF, lambda _: b"Lieber Leser", DocumentUnsupported, Reason.WRONG_TYPE),
    Bad("a PNG called JPEG", MediaType.JPEG, _png, DocumentUnsupported, Reason.WRONG_TYPE),
    Bad("a JPEG called PDF", MediaType.PDF, _jpeg, DocumentUnsupported, Reason.WRONG_TYPE),
    Bad("a WebP", MediaType.WEBP, lambda _: b"RIFF....WEBP", DocumentUnsupported, Reason.UNSUPPORTED_TYPE),
    Bad(
        "a PDF with a password",
        MediaType.PDF,
        lambda p: save_encrypted_pdf(p).read_bytes(),
        DocumentUnsupported,
        Reason.ENCRYPTED,
    ),
    Bad(
        "a PDF without pages",
        MediaType.PDF,
        lambda p: save_pdf_without_pages(p).read_bytes(),
        DocumentUnsupported,
        Reason.NO_PAGES,
    ),
]


def open_as_the_worker_does(path: Path, media_type: MediaType) -> None:
    for index in range(count_pages(path, media_type)):
        render_page(path, media_type, index)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_each_kind_of_bad_document_has_its_own_reason(tmp_path: Path, bad: Bad) -> None:
    document = tmp_path / "Mia Musterfrau 8b"
    document.write_bytes(bad.make(tmp_path / "scratch"))

    with pytest.raises(bad.error) as caught:
        open_as_the_worker_does(document, bad.media_type)

    assert caught.value.reason is bad.reason
    assert "Mia" not in str(caught.value)


def test_a_document_with_more_pages_than_allowed_is_too_large(tmp_path: Path) -> None:
    document = save_pdf(tmp_path / "a.pdf", [RED] * 3)

    assert count_pages(document, MediaType.PDF, limits=Limits(pages=3)) == 3
    with pytest.raises(DocumentTooLarge) as caught:
        count_pages(document, MediaType.PDF, limits=Limits(pages=2))
    assert caught.value.reason is Reason.TOO_MANY_PAGES


def test_an_image_with_more_pixels_than_allowed_is_too_large(tmp_path: Path) -> None:
    document = save_image(Image.new("1", (300, 200)), tmp_path / "bomb.png", "PNG")

    assert count_pages(document, MediaType.PNG, limits=Limits(source_pixels=60_000)) == 1
    with pytest.raises(DocumentTooLarge) as caught:
        count_pages(document, MediaType.PNG, limits=Limits(source_pixels=59_999))
    assert caught.value.reason is Reason.TOO_MANY_PIXELS


def test_the_limit_of_pixels_can_be_raised_above_pillows_own(tmp_path: Path) -> None:
    document = save_image(Image.new("1", (20_000, 10_000)), tmp_path / "plan.png", "PNG")

    assert count_pages(document, MediaType.PNG, limits=Limits(source_pixels=200_000_000)) == 1


def test_a_page_behind_the_last_one_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DocumentCorrupt) as caught:
        render_page(save_pdf(tmp_path / "a.pdf", [RED]), MediaType.PDF, 1)

    assert caught.value.reason is Reason.PAGE_MISSING


def test_a_sound_pdf_with_bytes_behind_its_end_is_opened(tmp_path: Path) -> None:
    document = tmp_path / "a.pdf"
    document.write_bytes(_pdf(tmp_path / "scratch") + b"\x00" * 5_000)

    assert count_pages(document, MediaType.PDF) == 3


def test_every_reason_has_its_class_and_one_line_of_advice() -> None:
    for reason in Reason:
        error = error_for(reason)
        assert error.reason is reason
        assert str(error) == ADVICE[reason]
        assert "\n" not in str(error)
