"""The demo from its first line to its last, on a Postgres and a model server that it starts itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scripts.demo.samples import find
from tests.demo.running import ROOT, ended, left_behind, start_demo

Run = subprocess.CompletedProcess[str]

SAMPLES = find(ROOT / "samples")


@pytest.fixture(scope="module")
def run(module_folder: Path) -> Run:
    """With settings around that would break it if they reached its worker or its submitter, and Ollama away."""
    around = {"WORKER_CONCURRENCY": "none", "LEARNING_MAX_UPLOAD_BYTES": "1", "OLLAMA_BASE_URL": "http://127.0.0.1:1"}
    return ended(start_demo(module_folder, **around))


def test_every_sample_completes_whatever_settings_are_around(run: Run) -> None:
    assert run.returncode == 0, run.stderr
    assert f"{len(SAMPLES)} of {len(SAMPLES)} samples completed" in run.stdout


def test_an_ollama_server_that_is_away_is_said_to_be_and_the_development_model_server_is_used(run: Run) -> None:
    (line,) = run.stderr.splitlines()
    assert line.startswith("demo: OLLAMA_BASE_URL is not used: the model server refuses connections")
    assert "the development model server" in run.stdout


def test_each_criterion_is_printed_with_its_sample_in_the_order_of_the_task(run: Run) -> None:
    printed = " ".join(run.stdout.split())
    for sample in SAMPLES:
        part = printed[printed.index(f"{sample.title} ({sample.kind}): completed") :]
        places = [part.index(" ".join(each.criterion.split())) for each in sample.task.criteria]
        assert places == sorted(places)


def test_the_report_shows_every_sample_with_an_image_of_each_page(run: Run, module_folder: Path) -> None:
    report = (module_folder / "report.html").read_text(encoding="utf-8")

    assert all(f"<h2>{sample.title}</h2>" in report for sample in SAMPLES)
    assert report.count("<img src=") == 1 + 1 + 1 + 3


def test_a_text_that_was_read_badly_is_marked_and_fails_nothing(run: Run) -> None:
    # The printed page; the three pages carry their own text, and are read without a model.
    assert " ".join(run.stdout.split()).count("MORE THAN the 2 % expected") == 1


def test_without_a_terminal_progress_is_plain_lines(run: Run) -> None:
    assert "Three pages: completed\n" in run.stdout
    assert "\x1b" not in run.stdout


def test_nothing_that_it_started_is_left(run: Run, module_folder: Path) -> None:
    assert left_behind(module_folder) == []
