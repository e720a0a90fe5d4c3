import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from reportlab.pdfgen.canvas import Canvas

from submissions.documents.media_type import MediaType, sniff
from submissions.documents.opener import count_pages, render_page
from tests.documents.making import A4, BLUE, GREEN, RED, corner_colours, save_pdf


def size_of(page: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(page)).size


def test_each_page_of_a_pdf_is_rendered_by_its_index_and_in_colour(tmp_path: Path) -> None:
    file = save_pdf(tmp_path / "a.pdf", [RED, GREEN, BLUE])

    pages = [render_page(file, MediaType.PDF, index) for index in range(count_pages(file, MediaType.PDF))]

    assert [corner_colours(page)[0] for page in pages] == [RED, GREEN, BLUE]
    assert {sniff(page) for page in pages} == {MediaType.PNG}


def test_an_a4_page_is_rendered_at_200_dots_per_inch(tmp_path: Path) -> None:
    assert size_of(render_page(save_pdf(tmp_path / "a.pdf", [RED]), MediaType.PDF, 0)) == (1654, 2339)


@pytest.mark.parametrize("size", [A4, (14_400, 14_400), (14_400, 3), (0.5, 0.5)])
def test_no_page_gets_more_pixels_than_the_budget(tmp_path: Path, size: tuple[float, float]) -> None:
    width, height = size_of(
        render_page(save_pdf(tmp_path / "a.pdf", [RED], size), MediaType.PDF, 0, max_pixels=1_000_000)
    )

    assert 1 <= width * height <= 1_000_000


def test_the_budget_is_used_where_a_page_would_exceed_it(tmp_path: Path) -> None:
    page = render_page(save_pdf(tmp_path / "a.pdf", [RED]), MediaType.PDF, 0, max_pixels=1_000_000)
    width, height = size_of(page)

    assert width * height > 990_000
    assert height / width == pytest.approx(A4[1] / A4[0], rel=0.005)


def test_answers_that_were_typed_into_the_fields_of_a_worksheet_are_on_the_page(tmp_path: Path) -> None:
    def worksheet(name: str, answer: str) -> Image.Image:
        canvas = Canvas(str(tmp_path / name), pagesize=A4)
        canvas.acroForm.textfield(name="answer", value=answer, x=100, y=700, width=300, height=30)
        canvas.showPage()
        canvas.save()
        return Image.open(io.BytesIO(render_page(tmp_path / name, MediaType.PDF, 0)))

    difference = ImageChops.difference(worksheet("empty.pdf", ""), worksheet("filled.pdf", "Chlorophyll"))

    assert difference.getbbox() is not None


def test_a_scanned_page_is_sent_as_jpeg_because_png_would_be_large(tmp_path: Path) -> None:
    scan = Image.effect_noise((1600, 2200), 100)
    scan.save(tmp_path / "scan.jpg")
    canvas = Canvas(str(tmp_path / "scan.pdf"), pagesize=A4)
    canvas.drawImage(tmp_path / "scan.jpg", 0, 0, *A4)
    canvas.save()

    page = render_page(tmp_path / "scan.pdf", MediaType.PDF, 0)

    assert sniff(page) is MediaType.JPEG
    assert size_of(page) == (1654, 2339)
