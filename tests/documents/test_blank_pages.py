"""Blank paper is known without a model, and nothing that anybody wrote is taken for blank.

The thresholds were set on seeds below 100; these tests draw from 100 on.
"""

import itertools
import random
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from submissions.documents.blank import is_blank
from submissions.documents.media_type import MediaType
from submissions.documents.opener import load_page
from submissions.documents.page import Page
from tests.documents.making import A4, save_image
from tests.documents.paper import A4_PIXELS, as_jpeg, handwriting, noisy, ruled, sheet, specks, unevenly_lit

BLANK = {
    "white": sheet(255),
    "in colour": Image.new("RGB", A4_PIXELS, (255, 252, 240)),
    "of recycled paper": noisy(sheet(205), 3, seed=100),
    "with little noise": noisy(sheet(), 2, seed=101),
    "with noise": noisy(sheet(), 6, seed=102),
    "with noise, as JPEG": as_jpeg(noisy(sheet(), 5, seed=103), 60),
    "lit from one side": noisy(unevenly_lit(sheet(), 60), 3, seed=104),
    "with dust": specks(noisy(sheet(), 3, seed=105), 30, seed=105),
    "ruled": noisy(ruled(sheet()), 2, seed=106),
    "squared": as_jpeg(noisy(ruled(sheet(), squared=True), 2, seed=107)),
    "ruled, a little crooked": noisy(ruled(sheet(), slope=0.004), 2, seed=108),
    "squared, a little crooked": noisy(ruled(sheet(), squared=True, slope=0.004), 2, seed=109),
}


@pytest.mark.parametrize("page", BLANK.values(), ids=BLANK)
def test_a_blank_page_is_blank(page: Image.Image) -> None:
    assert is_blank(page)


@pytest.mark.parametrize("noise", [0, 3, 6])
@pytest.mark.parametrize("shade", [120, 200, 225, 236])
@pytest.mark.parametrize("paper", ["plain", "ruled", "squared"])
def test_a_single_word_in_faint_pencil_is_not_blank(paper: str, shade: int, noise: int) -> None:
    """Paper is at 250: the faintest pencil here is 14 gray levels darker."""
    seed = 100 + shade + noise
    page = sheet() if paper == "plain" else ruled(sheet(), squared=paper == "squared")

    assert not is_blank(as_jpeg(noisy(handwriting(page, shade, pen=2 + seed % 2, seed=seed), noise, seed=seed)))


@pytest.mark.parametrize(("height", "pen"), [(16, 2), (36, 3), (100, 12), (300, 40), (500, 60)])
def test_writing_of_any_size_is_not_blank(height: int, pen: int) -> None:
    letters = 6 if height < 300 else 2

    assert not is_blank(handwriting(sheet(), 60, pen=pen, height=height, letters=letters, seed=120))


def drawing(page: Image.Image, *lines: tuple[int, int, int, int], shade: int = 90) -> Image.Image:
    """With straight lines, as drawn with a pencil and a ruler."""
    canvas = ImageDraw.Draw(page)
    for line in lines:
        canvas.line(line, fill=shade, width=3)
    return page


def rectangle(left: int, top: int, right: int, bottom: int) -> list[tuple[int, int, int, int]]:
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return [(*one, *other) for one, other in itertools.pairwise(corners)]


@pytest.mark.parametrize("shade", [90, 200])
@pytest.mark.parametrize("paper", ["plain", "ruled", "squared"])
@pytest.mark.parametrize(
    "lines",
    [
        rectangle(300, 400, 1100, 900),
        rectangle(600, 1000, 690, 1090),
        [(200, 300, 200, 1400), (200, 1400, 1300, 1400)],
        [(300, 700, 800, 700)],
        [
            (200, 300, 200, 1200),
            (200, 1200, 1200, 1200),
            *rectangle(300, 700, 420, 1200),
            *rectangle(520, 500, 640, 1200),
        ],
    ],
    ids=["rectangle", "small square", "axes", "one line", "bar chart without a word"],
)
def test_what_was_drawn_with_a_ruler_is_not_blank(
    lines: list[tuple[int, int, int, int]], paper: str, shade: int
) -> None:
    page = sheet() if paper == "plain" else ruled(sheet(), squared=paper == "squared")

    assert not is_blank(as_jpeg(noisy(drawing(page, *lines, shade=shade), 2, seed=126)))


def test_a_chart_of_filled_bars_is_not_blank() -> None:
    page = drawing(sheet(255), (200, 300, 200, 1200), (200, 1200, 1200, 1200), shade=0)
    for left, top in ((300, 700), (520, 500), (740, 900)):
        page.paste(120, (left, top, left + 150, 1200))

    assert not is_blank(page)


def test_chalk_on_a_blackboard_is_not_blank() -> None:
    assert not is_blank(noisy(handwriting(sheet(50), 190, pen=8, height=80, seed=121), 3, seed=121))


def test_a_page_too_noisy_to_tell_is_not_blank() -> None:
    assert not is_blank(noisy(sheet(180), 25, seed=122))


def test_a_photo_is_not_blank() -> None:
    assert not is_blank(Image.radial_gradient("L").resize((1600, 1200)))


@pytest.mark.parametrize("turn", [None, Image.Transpose.ROTATE_90])
def test_rows_of_print_are_not_taken_for_lines(turn: Image.Transpose | None) -> None:
    page, draw = sheet(255), random.Random(123)
    canvas = ImageDraw.Draw(page)
    for y in range(200, 2100, 24):
        canvas.text((150, y), "".join(draw.choice("mnuoe ") for _ in range(150)), fill=0)

    assert not is_blank(page.transpose(turn) if turn is not None else page)


@pytest.mark.parametrize(("form", "media_type"), [("PNG", MediaType.PNG), ("JPEG", MediaType.JPEG)])
def test_a_blank_image_comes_out_as_blank_and_without_a_picture(
    tmp_path: Path, form: str, media_type: MediaType
) -> None:
    file = save_image(BLANK["with noise"], tmp_path / "page", form)

    assert load_page(file, media_type, 0) == Page(blank=True)


def test_faint_pencil_is_seen_however_small_the_picture_for_the_model_shall_be(tmp_path: Path) -> None:
    file = save_image(handwriting(sheet(), 225, seed=124), tmp_path / "page", "PNG")

    assert load_page(file, MediaType.PNG, 0, max_pixels=10_000).image


def test_of_a_pdf_with_a_blank_a_scanned_blank_and_a_written_page_each_is_told(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.showPage()
    for page in (BLANK["with noise, as JPEG"], handwriting(sheet(), 120, seed=125)):
        canvas.drawImage(ImageReader(page), 0, 0, *A4)
        canvas.showPage()
    canvas.save()

    pages = [load_page(tmp_path / "a.pdf", MediaType.PDF, index) for index in range(3)]

    assert [page.blank for page in pages] == [True, True, False]
