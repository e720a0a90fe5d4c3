"""Documents of many pages: others go before their later pages, and a death costs the pages in flight and no more."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from modelserver.testing import ScriptedServer
from tests.factories import rows
from tests.waiting import until
from tests.worker.memory import MEGABYTE, Growth
from tests.worker.processes import Worker
from tests.worker.test_whole_path import a_photo, all_completed, hand_in

THREADS = 4
PAGES = 10


def drawn_pdf(path: Path, pages: int, picture: ImageReader | None = None) -> Path:
    """Pages with pen strokes, each of them another: the model is asked about every one. `picture` is on all of them."""
    canvas = Canvas(str(path))
    for page in range(pages):
        if picture:
            canvas.drawImage(picture, 50, 50, 300, 300)
        canvas.setLineWidth(3)
        canvas.bezier(100, 700, 200, 760 - 3 * page, 300, 620, 420, 700 - 4 * page)
        canvas.showPage()
    canvas.save()
    return path


def asked_pages(model_server: ScriptedServer, page_count: int) -> list[str]:
    """The user's lines of the vision calls about a document of so many pages, in the order of the calls."""
    lines = [call["contents"][-1] for call in model_server.requests() if call["has_images"]]
    return [line for line in lines if f"von {page_count}." in line]


@pytest.fixture
def four_threads(environment: dict[str, str], model_server: ScriptedServer) -> dict[str, str]:
    model_server.config(num_parallel=THREADS)
    return {**environment, "WORKER_CONCURRENCY": str(THREADS)}


def test_a_photo_behind_a_hundred_pages_is_read_after_two_of_them_at_most(
    environment: dict[str, str], platform_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.hold()
    hand_in(environment, platform_url, [drawn_pdf(tmp_path / "long.pdf", 100)])
    with Worker(environment):
        model_server.wait(received=1, timeout=60)
        hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
        for received in (2, 3):
            model_server.release(1)
            model_server.wait(received=received, timeout=60)
        asked = [call["contents"][-1] for call in model_server.requests() if call["has_images"]]
    assert asked_pages(model_server, 100)[0].startswith("Seite 1 von 100.")
    assert any("Seite 1 von 1." in line for line in asked[:3]), asked


def test_a_hundred_pages_make_a_worker_at_most_sixty_megabytes_larger(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    # Each page is 0.9 MB for the model: that they are not kept has to show.
    noise = ImageReader(Image.frombytes("L", (300, 300), random.Random(1).randbytes(300 * 300)))
    hand_in(environment, platform_url, [drawn_pdf(tmp_path / "short.pdf", 2, noise)])
    with Worker({**environment, "WORKER_CONCURRENCY": "2"}) as worker:
        until(lambda: all_completed(owner_url), "a worker that has done everything once")
        growth = Growth(worker)
        hand_in(environment, platform_url, [drawn_pdf(tmp_path / "long.pdf", 100, noise)])
        until(lambda: all_completed(owner_url), "a hundred pages", timeout=300, pause=0.2)
        grown = growth.bytes()
    print(f"100 pages: {grown / MEGABYTE:.1f} MB larger")
    assert len(set(asked_pages(model_server, 100))) == 100
    assert grown <= 60 * MEGABYTE


def stored_in_the_middle(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    """Hand in ten pages; to be called while a worker runs. On return three are stored and four are being read."""
    hand_in(environment, platform_url, [drawn_pdf(tmp_path / "ten.pdf", PAGES)])
    model_server.wait(received=THREADS, timeout=60)
    model_server.release(3)
    until(lambda: stored(owner_url) == 3, "three pages are stored")
    model_server.wait(received=3 + THREADS, timeout=60)


def stored(owner_url: str) -> int:
    ((count,),) = rows(owner_url, "SELECT count(*) FROM learning_pages WHERE stored_at IS NOT NULL")
    return int(count)


def test_sigkill_in_the_middle_of_ten_pages_costs_the_four_in_flight(
    four_threads: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.hold()
    with Worker(four_threads) as worker:
        stored_in_the_middle(four_threads, platform_url, owner_url, model_server, tmp_path)
        before = asked_pages(model_server, PAGES)
        os.kill(worker.killable(), signal.SIGKILL)
        worker.process.wait(30)
    model_server.release()
    with Worker(four_threads):
        until(lambda: all_completed(owner_url), "a completed submission", timeout=60)

    asked = Counter(asked_pages(model_server, PAGES))
    assert len(asked) == PAGES
    assert sum(asked.values()) == PAGES + THREADS
    assert {page for page, times in asked.items() if times > 1} <= set(before)
    assert max(asked.values()) == 2


def test_sigterm_in_the_middle_of_ten_pages_costs_none_that_was_stored(
    four_threads: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.hold()
    with Worker(four_threads):
        stored_in_the_middle(four_threads, platform_url, owner_url, model_server, tmp_path)
    model_server.release()
    kept = stored(owner_url)
    with Worker(four_threads):
        until(lambda: all_completed(owner_url), "a completed submission", timeout=60)

    asked = Counter(asked_pages(model_server, PAGES))
    assert kept == 3
    assert (len(asked), max(asked.values())) == (PAGES, 2)
    assert sum(times > 1 for times in asked.values()) == THREADS
    assert rows(owner_url, "SELECT max(spent) FROM learning_units WHERE state = 'done'") == [(1,)]


def test_four_threads_read_four_pages_at_once(
    four_threads: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.hold()
    hand_in(four_threads, platform_url, [drawn_pdf(tmp_path / "ten.pdf", PAGES)])
    with Worker(four_threads):
        for released in range(PAGES - THREADS):
            model_server.wait(received=THREADS + released, timeout=60)
            model_server.release(1)
        model_server.wait(received=PAGES, timeout=60)
        model_server.release()
        until(lambda: all_completed(owner_url), "a completed submission")
    assert model_server.state()["max_in_flight"] == THREADS
    assert len(set(asked_pages(model_server, PAGES))) == len(asked_pages(model_server, PAGES)) == PAGES
