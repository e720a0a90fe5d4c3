"""Copies of pupils' files on the worker's host: gone when the submission has ended, however it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelserver.testing import ScriptedServer
from submissions.cli import main
from tests.factories import rows
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_whole_path import a_pdf, a_photo, all_completed, hand_in, locked_pdf


def copies(environment: dict[str, str]) -> list[str]:
    return [path.name for path in Path(environment["WORKER_CACHE_DIR"]).iterdir()]


def test_nothing_is_left_of_what_is_completed(
    environment: dict[str, str], platform_url: str, owner_url: str, tmp_path: Path
) -> None:
    hand_in(environment, platform_url, [a_pdf(tmp_path / "a.pdf", 2), a_photo(tmp_path / "b.png")])
    with Worker(environment):
        until(lambda: all_completed(owner_url), "a completed submission")
    assert copies(environment) == []


def test_nothing_is_left_of_what_failed(environment: dict[str, str], platform_url: str, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(locked_pdf())
    hand_in(environment, platform_url, [tmp_path / "a.pdf"])
    with Worker(environment) as worker:
        worker.wait_for("submission.failed")
    assert copies(environment) == []


def test_nothing_is_left_of_what_has_no_attempt_left(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.hold()
    hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    with Worker(environment):
        model_server.wait(received=1)
    assert copies(environment) != []
    rows(owner_url, "UPDATE learning_units SET spent = 4 WHERE step = 'read'")
    with Worker(environment) as worker:
        worker.wait_for("submission.failed")
    assert copies(environment) == []


def test_nothing_is_left_of_what_was_withdrawn(
    environment: dict[str, str],
    platform_url: str,
    owner_url: str,
    model_server: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", owner_url)
    model_server.hold()
    submission = hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    with Worker(environment) as worker:
        model_server.wait(received=1)
        assert copies(environment) != []
        assert main(["withdraw", str(submission)]) == 0
        worker.wait_for("attempt.cancelled")
    assert copies(environment) == []
