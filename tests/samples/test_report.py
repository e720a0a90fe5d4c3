import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from scripts.report import CriterionResult, PageImage, SampleResult, write_report

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==")
HOSTILE = "<script>alert(1)</script><img src=https://example.org/a onerror=alert(2)>"

RESULT = SampleResult(
    title="Printed page",
    kind="image",
    status="completed",
    text_md="Pflanzen brauchen Licht.",
    feedback_md="Gut **gemacht**!",
    score=3,
    criteria=(
        CriterionResult("Zuletzt im Alphabet", 7, 10, "Der Weg des Wassers *stimmt*."),
        CriterionResult("Anfang und Ende", None, 10, "Dazu steht nichts im Text."),
        CriterionResult("Mitte", 0, 10, "Fehlt."),
    ),
    page_images=(PageImage(PNG, "image/png"), PageImage(PNG, "image/png")),
    true_text="Pflanzen brauchen Licht.",
    character_error=0.004,
    timings={"reading": 3.21},
)


class Page(HTMLParser):
    """What a browser would see: elements in order, the addresses that they name, the text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href", "srcset", "action")]
        self.handlers += [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def report(folder: Path, *results: SampleResult) -> str:
    write_report(folder / "report.html", results, {"Reading": "a model"})
    return (folder / "report.html").read_text(encoding="utf-8")


def test_a_page_holds_its_images_and_loads_nothing(tmp_path: Path) -> None:
    content = report(tmp_path, RESULT)
    page = Page(content)

    assert page.elements.count("img") == 2
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in page.addresses)
    assert not {"script", "link", "iframe", "object"} & set(page.elements)
    assert "http://" not in content
    assert "https://" not in content
    assert "url(" not in content
    assert "@import" not in content


@pytest.mark.parametrize(
    "place",
    ["title", "kind", "status", "text_md", "feedback_md", "true_text", "criterion", "explanation_md", "evidence"],
)
def test_whatever_a_pupil_or_a_model_wrote_stays_text(tmp_path: Path, place: str) -> None:
    hostile: dict[str, Any] = {place: HOSTILE}
    if place in ("criterion", "explanation_md", "evidence"):
        hostile = {"criteria": (replace(RESULT.criteria[0], **hostile),)}
    result = replace(RESULT, **hostile)

    page = Page(report(tmp_path, result))

    assert "script" not in page.elements
    assert page.elements.count("img") == len(RESULT.page_images)
    assert page.handlers == []
    assert "alert(1)" in page.text


@pytest.mark.parametrize(
    "markdown", ["![](https://example.org/a.png)", "[look](https://example.org)", "<https://example.org>"]
)
def test_markdown_of_a_model_names_no_address(tmp_path: Path, markdown: str) -> None:
    page = Page(report(tmp_path, replace(RESULT, feedback_md=markdown)))

    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    assert "example.org" in page.text


def test_feedback_is_shown_with_its_emphasis_and_lists(tmp_path: Path) -> None:
    content = report(tmp_path, replace(RESULT, feedback_md="Gut **gemacht**!\n\n- erstens\n- zweitens"))

    assert "<strong>gemacht</strong>" in content
    assert "<li>zweitens</li>" in content


def test_every_criterion_is_there_in_the_order_of_the_task(tmp_path: Path) -> None:
    text = Page(report(tmp_path, RESULT)).text
    places = [text.index(item.criterion) for item in RESULT.criteria]

    assert places == sorted(places)
    assert "Dazu steht nichts im Text." in text


def test_a_missing_score_is_said_to_be_missing_and_a_zero_is_shown_as_zero(tmp_path: Path) -> None:
    criteria = Page(report(tmp_path, RESULT)).text.split("Score")[-1]
    shown = [" ".join(part.split()) for part in criteria.split("Anfang und Ende")[1].split("Mitte")]

    assert shown[0].startswith("not assessed")
    assert "0 / 10" not in shown[0]
    assert shown[1].startswith("0 / 10")


def test_a_submission_that_failed_says_so_and_has_no_score(tmp_path: Path) -> None:
    failed = replace(RESULT, status="failed", score=None, criteria=(), feedback_md="", text_md="", character_error=None)

    text = Page(report(tmp_path, failed)).text

    assert "failed" in text
    assert "not assessed" in text
    assert "no text" in text
    assert "no feedback" in text


def test_words_that_differ_from_the_true_text_are_marked(tmp_path: Path) -> None:
    read = replace(RESULT, text_md='# "Alle" Pflanzen brauchen Lioht.', true_text="„Alle“ Pflanzen brauchen **Licht.**")

    assert re.findall("<mark>(.*?)</mark>", report(tmp_path, read)) == ["Lioht."]


def test_a_text_without_a_true_text_is_shown_without_marks(tmp_path: Path) -> None:
    page = Page(report(tmp_path, replace(RESULT, true_text=None, character_error=None)))

    assert "mark" not in page.elements
    assert "True text" not in page.text
    assert "differ from" not in page.text


def test_line_breaks_of_the_read_text_are_kept(tmp_path: Path) -> None:
    result = replace(RESULT, text_md="erste Zeile\n\nzweite Zeile", true_text=None)

    assert '<div class="text">erste Zeile\n\nzweite Zeile</div>' in report(tmp_path, result)
