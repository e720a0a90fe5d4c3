"""Measuring how pages are read: the corpus, the way of a page, and what is told in the end."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bench.vision import __main__ as command
from bench.vision.corpus import CLASSES, Document, documents
from bench.vision.figures import missed, of_classes
from bench.vision.reader import PageResult
from bench.vision.table import table
from modelserver.testing import ScriptedServer
from submissions.documents.media_type import SNIFF_BYTES, MediaType, sniff
from submissions.documents.opener import count_pages

FORMS = {
    "PNG": MediaType.PNG,
    "JPEG": MediaType.JPEG,
    "WEBP": MediaType.WEBP,
    "TIFF": MediaType.TIFF,
    "PDF": MediaType.PDF,
    "HEIF": MediaType.HEIC,
}
PAGE = PageResult("print, PNG", "print", 1, 1, 0.01, 2.0, 900, 300, "", 1, True)


@pytest.fixture(scope="module")
def drawn() -> dict[str, Document]:
    """One document of each class, ten pages where it has ten."""
    return {each.of.name: each for each in documents(1, tuple(replace(each, documents=1) for each in CLASSES))}


@pytest.mark.parametrize("name", [each.name for each in CLASSES])
def test_each_class_can_be_opened_and_has_the_pages_that_it_says(
    drawn: dict[str, Document], tmp_path: Path, name: str
) -> None:
    document = drawn[name]
    (tmp_path / "document").write_bytes(document.content)
    media_type = sniff(document.content[:SNIFF_BYTES])
    assert media_type is FORMS[document.of.form]
    assert count_pages(tmp_path / "document", media_type) == document.of.pages == len(document.texts)


@pytest.mark.parametrize("name", [each.name for each in CLASSES if each.form != "PDF"])
def test_the_same_seed_draws_the_same_pixels_and_another_one_others(name: str) -> None:
    of = tuple(replace(each, documents=1) for each in CLASSES if each.name == name)
    drawings = [Image.open(io.BytesIO(each.content)).tobytes() for seed in (1, 1, 2) for each in documents(seed, of)]
    assert drawings[0] == drawings[1]
    assert drawings[0] != drawings[2]


def test_a_model_that_reads_something_else_misses_the_bounds_and_both_files_are_written(
    script: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script.rules([{"match": {"nth": 1}, "action": {"text": "I cannot transcribe this image."}}])
    monkeypatch.setenv("OLLAMA_BASE_URL", script.url)
    monkeypatch.setenv("AI_VISION_MODEL", "scripted-vision")

    assert command.main(["--only", "print, PNG", "--out", str(tmp_path / "vision.json")]) == 1

    told = capsys.readouterr()
    assert "| print, PNG | 2 |" in told.out
    assert "2% are allowed" in told.err
    result = json.loads((tmp_path / "vision.json").read_text(encoding="utf-8"))
    assert [each["calls"] for each in result["pages"]] == [2, 1]
    assert (tmp_path / "vision.png").read_bytes().startswith(b"\x89PNG")


def test_several_sizes_are_read_in_one_run_and_told_side_by_side(
    script: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OLLAMA_BASE_URL", script.url)
    monkeypatch.setenv("AI_VISION_MODEL", "scripted-vision")

    assert command.main(["--only", "print, PNG", "--pixels", "250000,1000000", "--out", str(tmp_path / "v.json")]) == 1

    told = capsys.readouterr()
    assert re.findall(r"^\| (print, .+ megapixels) \| 2 \|", told.out, re.MULTILINE) == [
        "print, 0.25 megapixels",
        "print, 1 megapixels",
    ]
    assert "1 megapixels: print: " in told.err
    kept = [json.loads((tmp_path / f"v-{pixels}.json").read_text("utf-8")) for pixels in (250_000, 1_000_000)]
    assert [each["max_pixels"] for each in kept] == [250_000, 1_000_000]
    assert len({image for call in script.requests() for image in call["image_sha256"]}) == 2 * 2


@pytest.mark.parametrize("sizes", ["9", "1000000,many"])
def test_a_size_that_no_page_may_have_is_refused(sizes: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.main(["--pixels", sizes])
    assert end.value.code == 2
    assert "is not a whole number from 10000 to 1e+08 pixels" in capsys.readouterr().err


def test_a_class_that_is_not_known_is_told_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--only", "papyrus"]) == 2
    assert "photo, HEIC" in capsys.readouterr().err


def test_bounds_are_of_groups_and_a_page_of_ten_is_held_against_a_page_alone() -> None:
    alone = replace(PAGE, class_name="scan, PDF of 1 page", error=0.001)
    among = [replace(PAGE, class_name="scan, PDF of 10 pages", page=page, error=0.001) for page in range(1, 11)]
    assert missed([alone, *among]) == []
    among[6] = replace(among[6], error=0.015)
    assert missed([alone, *among]) == ["page 7 of ten is read unlike a page alone"]
    assert missed([replace(PAGE, error=0.03)]) == ["print: 3.0% of the characters are wrong, 2% are allowed"]
    assert missed([replace(PAGE, group="handwriting-like", error=0.9)]) == []


def test_the_table_has_a_row_for_each_class_and_each_group() -> None:
    text = table(of_classes([PAGE, replace(PAGE, error=0.03, problem="answer_cut")]), [])
    assert "| print, PNG | 2 | 2.00% | 3.00% | 2.0 | 2.0 | 900 | 300 | 2 | 1 |" in text
