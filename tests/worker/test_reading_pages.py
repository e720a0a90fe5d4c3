"""What becomes of a page: its own text, nothing on blank paper, or a model call; with a real worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from modelserver.testing import ScriptedServer
from tests.factories import rows
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_whole_path import a_photo, all_completed, hand_in, vision_calls

PAGES = 10


def typed_page(page: int) -> str:
    """What a pupil typed on a page; no two are the same."""
    return "\n".join(
        [
            f"Seite {page}: Pflanzen müssen nicht essen wie wir, denn sie stellen",
            "ihre Nahrung selber her. Dieser Vorgang heißt Photosynthese. Er findet",
            "vor allem in den grünen Blättern statt, weil dort das Blattgrün ist.",
            f"Das habe ich im Garten an {page + 2} Tagen beobachtet und aufgeschrieben.",
        ]
    )


def typed_pdf(path: Path, pages: int = PAGES) -> Path:
    canvas = Canvas(str(path))
    for page in range(1, pages + 1):
        text = canvas.beginText(70, 760)
        text.setFont("Times-Roman", 12, 15)
        for line in typed_page(page).split("\n"):
            text.textLine(line)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return path


def mixed_pdf(path: Path) -> Path:
    """A typed page, a blank one, and one with pen strokes."""
    canvas = Canvas(str(path))
    for y, line in enumerate(typed_page(1).split("\n")):
        canvas.drawString(70, 760 - 15 * y, line)
    canvas.showPage()
    canvas.showPage()
    canvas.setLineWidth(3)
    canvas.bezier(100, 700, 200, 760, 300, 620, 420, 700)
    canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def ready(environment: dict[str, str]) -> dict[str, str]:
    """Four threads: pages come to their end in any order."""
    return {**environment, "WORKER_CONCURRENCY": "4"}


def test_a_typed_pdf_of_ten_pages_costs_no_vision_call_and_is_stored_exactly(
    ready: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    hand_in(ready, platform_url, [typed_pdf(tmp_path / "typed.pdf")])
    with Worker(ready):
        until(lambda: all_completed(owner_url), "a completed submission")

    assert vision_calls(model_server) == 0
    assert rows(owner_url, "SELECT text_md, source, model FROM learning_pages ORDER BY page") == [
        (typed_page(page), "own_text", None) for page in range(1, PAGES + 1)
    ]
    assert rows(owner_url, "SELECT text_body FROM learning_submissions") == [
        ("\n\n".join(typed_page(page) for page in range(1, PAGES + 1)),)
    ]


def test_with_never_the_model_is_asked_about_each_typed_page(
    ready: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    hand_in(ready, platform_url, [typed_pdf(tmp_path / "typed.pdf", 3)])
    with Worker({**ready, "LEARNING_PDF_TEXT": "never"}):
        until(lambda: all_completed(owner_url), "a completed submission")

    assert vision_calls(model_server) == 3
    assert rows(owner_url, "SELECT DISTINCT source, model FROM learning_pages") == [("model", "scripted-vision")]


def test_each_page_of_a_mixed_pdf_costs_what_it_needs_and_blank_paper_leaves_no_gap(
    ready: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.rules([{"match": {"has_images": True}, "action": {"text": "Eine Welle."}}])
    hand_in(ready, platform_url, [mixed_pdf(tmp_path / "mixed.pdf")])
    with Worker(ready):
        until(lambda: all_completed(owner_url), "a completed submission")

    assert vision_calls(model_server) == 1
    assert rows(owner_url, "SELECT source, text_md FROM learning_pages ORDER BY page") == [
        ("own_text", typed_page(1)),
        ("blank", ""),
        ("model", "Eine Welle."),
    ]
    assert rows(owner_url, "SELECT text_body FROM learning_submissions") == [(typed_page(1) + "\n\nEine Welle.",)]


def test_a_model_that_is_busy_does_not_hold_up_what_needs_none(
    ready: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.hold()
    hand_in(ready, platform_url, [mixed_pdf(tmp_path / "mixed.pdf")])
    with Worker(ready):
        model_server.wait(received=1)
        until(
            lambda: rows(owner_url, "SELECT count(*) FROM learning_pages WHERE stored_at IS NOT NULL") == [(2,)],
            "the typed page and the blank one are stored",
        )
        model_server.release()
        until(lambda: all_completed(owner_url), "a completed submission")


def test_feedback_that_is_repeated_reads_no_page_again(
    ready: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    hand_in(ready, platform_url, [mixed_pdf(tmp_path / "mixed.pdf"), a_photo(tmp_path / "a.png")])
    model_server.rules([{"match": {"model": "scripted-text", "nth": 1}, "action": {"text": "Das ist kein JSON."}}])
    with Worker(ready):
        until(lambda: all_completed(owner_url), "a completed submission")

    assert vision_calls(model_server) == 2
    assert len(model_server.requests()) == 2 + 2
