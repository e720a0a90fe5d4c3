"""Each stage has a time limit that really ends its model call: one that says nothing, and one that never stops.

Opening a document has two: one on the clock, one for what it computes.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from modelserver.testing import ScriptedServer
from tests.documents.making import save_endless_pdf
from tests.factories import hand_in_text, rows
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_whole_path import a_photo, all_completed, hand_in

TRICKLE = {"tokens": [f"Wort{number} " for number in range(1000)], "tokens_per_second": 10}
SILENT_IN_BETWEEN = {"fault": {"name": "stall", "after": 2}}
SILENT = {"fault": "stall"}


@pytest.mark.parametrize("stage", ["vision", "feedback"])
@pytest.mark.parametrize(
    ("action", "verdict", "reason"),
    [
        (TRICKLE, "retry", "total_timeout"),
        (SILENT_IN_BETWEEN, "retry", "total_timeout"),
        (SILENT, "snooze", "first_byte_timeout"),
    ],
)
def test_a_call_that_does_not_end_is_ended_by_its_stages_limit_and_made_again(
    environment: dict[str, str],
    platform_url: str,
    owner_url: str,
    model_server: ScriptedServer,
    tmp_path: Path,
    stage: str,
    action: dict[str, Any],
    verdict: str,
    reason: str,
) -> None:
    model_server.rules([{"match": {"has_images": stage == "vision", "nth": 1}, "action": action}])
    if stage == "vision":
        hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    else:
        hand_in_text(platform_url)
    with Worker({**environment, f"AI_TIMEOUT_{stage.upper()}": "1", "OLLAMA_CONNECT_SECONDS": "0.5"}):
        until(lambda: all_completed(owner_url), "a completed submission")
    assert rows(
        owner_url,
        "SELECT verdict, reason, extract(epoch FROM ended_at - claimed_at) BETWEEN 0.9 AND 5 FROM learning_attempts"
        " WHERE verdict <> 'done'",
    ) == [(verdict, reason, True)]


def openers(worker: Worker) -> list[int]:
    """The processes that open or draw a document at this moment."""
    found = []
    for child in psutil.Process(worker.process.pid).children(recursive=True):
        try:
            if "submissions.documents" in " ".join(child.cmdline()):
                found.append(child.pid)
        except psutil.Error:  # it has ended meanwhile
            continue
    return found


def test_a_document_that_is_not_opened_in_time_is_tried_again_and_one_that_computes_too_much_is_refused(
    environment: dict[str, str], platform_url: str, owner_url: str, tmp_path: Path
) -> None:
    hand_in(environment, platform_url, [save_endless_pdf(tmp_path / "endless.pdf")])
    limits = {"LEARNING_OPENER_CPU_SECONDS": "2", "LEARNING_OPENER_SECONDS": "8"}
    with Worker({**environment, **limits}) as worker:
        until(
            lambda: rows(owner_url, "SELECT true FROM learning_units WHERE step = 'read' AND state = 'running'"),
            "a page",
        )
        until(lambda: openers(worker), "a process that draws it", pause=0.01)
        os.kill(openers(worker)[0], signal.SIGSTOP)
        worker.wait_for("attempt.retry")
        assert openers(worker) == []
        until(
            lambda: rows(owner_url, "SELECT error_code FROM learning_submissions") == [("input_too_large",)], "an end"
        )
    assert rows(owner_url, "SELECT verdict, reason FROM learning_attempts WHERE step = 'read' ORDER BY claimed_at") == [
        ("retry", "opener_timeout"),
        ("discard", "too_much_time"),
    ]
