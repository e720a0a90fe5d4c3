"""What the caller of the opener is told; what the content of bad files leads to is in tests/inputs."""

from pathlib import Path

import pytest
from PIL import Image

from submissions.documents.errors import (
    ADVICE,
    DocumentCorrupt,
    DocumentTooLarge,
    DocumentUnsupported,
    Reason,
    error_for,
)
from submissions.documents.limits import Limits
from submissions.documents.media_type import MediaType
from submissions.documents.opener import count_pages, render_page
from tests.documents.making import RED, save_endless_pdf, save_image, save_pdf


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"Lieber Leser", MediaType.PDF), (b"\x89PNG\r\n\x1a\n", MediaType.JPEG), (b"\xff\xd8\xff", MediaType.PDF)],
)
def test_a_document_of_another_kind_than_the_caller_says_is_refused(
    tmp_path: Path, content: bytes, media_type: MediaType
) -> None:
    document = tmp_path / "Mia Musterfrau 8b"
    document.write_bytes(content)

    with pytest.raises(DocumentUnsupported) as caught:
        count_pages(document, media_type)

    assert caught.value.reason is Reason.WRONG_TYPE
    assert "Mia" not in str(caught.value)


def test_a_document_with_more_bytes_than_allowed_is_not_even_opened(tmp_path: Path) -> None:
    document = save_pdf(tmp_path / "a.pdf", [RED])
    size = document.stat().st_size

    assert count_pages(document, MediaType.PDF, limits=Limits(file_bytes=size)) == 1
    with pytest.raises(DocumentTooLarge) as caught:
        count_pages(document, MediaType.PDF, limits=Limits(file_bytes=size - 1))
    assert caught.value.reason is Reason.FILE_TOO_LARGE


def test_a_page_that_takes_more_computing_time_than_allowed_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(DocumentTooLarge) as caught:
        render_page(save_endless_pdf(tmp_path / "a.pdf"), MediaType.PDF, 0, limits=Limits(cpu_seconds=1))

    assert caught.value.reason is Reason.TOO_MUCH_TIME


def test_an_image_that_takes_more_memory_than_allowed_is_too_large(tmp_path: Path) -> None:
    document = save_image(Image.new("RGB", (10_000, 8_000)), tmp_path / "plan.png", "PNG")

    assert render_page(document, MediaType.PNG, 0)
    with pytest.raises(DocumentTooLarge) as caught:
        render_page(document, MediaType.PNG, 0, limits=Limits(memory_bytes=256 * 1024 * 1024))
    assert caught.value.reason is Reason.TOO_MUCH_MEMORY


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


def test_every_reason_has_its_class_and_one_line_of_advice() -> None:
    for reason in Reason:
        error = error_for(reason)
        assert error.reason is reason
        assert str(error) == ADVICE[reason]
        assert "\n" not in str(error)
