import asyncio
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from scripts import make_samples
from scripts.character_error import character_error
from scripts.make_samples import SAMPLES
from submissions.documents.media_type import SNIFF_BYTES, MediaType, sniff
from submissions.documents.opener import count_pages, render_page
from submissions.task import read_task

DOCUMENTS = {
    "printed-page.png": (MediaType.PNG, 1, 0.02),  # kind, pages, largest character error
    "photo-page.jpg": (MediaType.JPEG, 1, 0.05),
    "handwritten-page.jpg": (MediaType.JPEG, 1, 0.05),
    "three-pages.pdf": (MediaType.PDF, 3, 0.02),
}
PICTURES = (
    make_samples.printed_page,
    make_samples.photo_page,
    make_samples.handwritten_page,
    make_samples.three_pages,
)
ALL = ["typed-text.txt", *DOCUMENTS]


@pytest.fixture(scope="module")
def made_anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("samples")
    for make in PICTURES:
        make(target)
    return target


@pytest.mark.parametrize("name", ALL)
def test_every_sample_has_a_task_with_three_criteria_and_hints(name: str) -> None:
    task = read_task(SAMPLES / f"{Path(name).stem}.task.yaml")

    assert len(task.criteria) == 3
    assert task.hints
    assert task.language == ("en" if name == "photo-page.jpg" else "de")


def test_the_samples_are_small_files() -> None:
    sizes = [file.stat().st_size for file in SAMPLES.iterdir()]

    assert max(sizes) <= 150_000
    assert sum(sizes) <= 500_000


@pytest.mark.parametrize("folder", ["committed", "made anew"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_sample_is_a_document_that_opens(name: str, folder: str, made_anew: Path) -> None:
    document = (SAMPLES if folder == "committed" else made_anew) / name
    media_type, pages, _ = DOCUMENTS[name]

    assert sniff(document.read_bytes()[:SNIFF_BYTES]) is media_type
    assert count_pages(document, media_type) == pages


@pytest.mark.parametrize(
    ("name", "key"),
    [("printed-page.png", "Comment"), ("photo-page.jpg", "comment"), ("handwritten-page.jpg", "comment")],
)
def test_a_committed_picture_was_made_from_the_text_beside_it(name: str, key: str, made_anew: Path) -> None:
    text = make_samples.true_text(Path(name).stem)
    with Image.open(SAMPLES / name) as committed, Image.open(made_anew / name) as anew:
        comment = committed.info[key]
        difference = ImageChops.difference(committed.convert("L"), anew.convert("L"))

    assert (comment.decode() if isinstance(comment, bytes) else comment) == make_samples.digest_of(text)
    assert ImageStat.Stat(difference).mean[0] < 3  # of 255: another version of Pillow may draw a little otherwise


def test_the_committed_pdf_holds_the_text_beside_it() -> None:
    with pypdfium2.PdfDocument(SAMPLES / "three-pages.pdf") as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)

    assert character_error(text, make_samples.true_text("three-pages")) == 0


def test_the_photo_is_stored_sideways_as_phones_do() -> None:
    with Image.open(SAMPLES / "photo-page.jpg") as stored:
        assert stored.width > stored.height
        upright = ImageOps.exif_transpose(stored)

    assert upright.width < upright.height


def test_the_samples_can_be_read_as_well_as_the_demo_promises() -> None:
    pytest.importorskip("rapidocr", reason="the development model server's reader is not installed")
    from modelserver.real.reader import Reader  # noqa: PLC0415

    async def errors() -> dict[str, float]:
        reader = Reader()
        await reader.load()
        found = {}
        for name, (media_type, pages, _) in DOCUMENTS.items():
            read = [await reader.read(render_page(SAMPLES / name, media_type, index)) for index in range(pages)]
            found[name] = character_error("\n".join(read), make_samples.true_text(Path(name).stem))
        return found

    found = asyncio.run(errors())

    assert {name for name, (_, _, most) in DOCUMENTS.items() if found[name] > most} == set(), found
