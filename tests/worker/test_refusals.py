"""A worker process that cannot do any work must not take messages: it would reject every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import hand_in_text, rows
from tests.worker.processes import Worker

SETUP = 5


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    """A folder with a prompt that cannot be filled."""
    (tmp_path / "prompts" / "de").mkdir(parents=True)
    (tmp_path / "prompts" / "de" / "vision.md").write_text("Lies das.\n---\nSeite $seite", encoding="utf-8")
    return str(tmp_path / "prompts")


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("STORAGE_URL", "s3://bucket", "STORAGE_S3_ACCESS_KEY_ID"),
        ("OLLAMA_BASE_URL", "http://h:99999", "OLLAMA_BASE_URL"),
        ("AI_PROMPTS_DIR", "", "de/vision.md"),
    ],
)
def test_a_worker_without_a_workplace_says_so_in_one_line_and_exits_without_a_sign_of_life(
    environment: dict[str, str], platform_url: str, owner_url: str, prompts: str, variable: str, value: str, told: str
) -> None:
    """Here without the Procfile's check, which may also have been made before a file was changed."""
    hand_in_text(platform_url)
    with Worker({**environment, variable: value or prompts}, "exec dramatiq actors -p 1 -t 2") as worker:
        assert worker.process.wait(30) == SETUP
    (line,) = [line for line in worker.output if '"event": "worker.refused"' in line]
    assert told in line
    assert not [line for line in worker.output if "Traceback" in line or "Unexpected failure" in line]
    assert rows(owner_url, "SELECT state FROM dramatiq.queue") == [("queued",)]
    assert rows(owner_url, "SELECT state, spent FROM learning_units") == [("waiting", 0)]
    assert rows(owner_url, "SELECT count(*) FROM dramatiq.worker") == [(0,)]
