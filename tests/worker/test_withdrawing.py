"""Withdrawing what a worker is working on at this moment, on the command line."""

from __future__ import annotations

import json
import time
from uuid import uuid4

import pytest

from modelserver.testing import ScriptedServer
from submissions.cli import main
from tests.factories import hand_in_text, rows, submission
from tests.waiting import until
from tests.worker.processes import Worker

#: From the withdrawal to the end of the model call.
WITHIN = 2.0


def test_a_running_model_call_ends_within_two_seconds_and_a_requeue_takes_it_up_again(
    environment: dict[str, str],
    platform_url: str,
    admin_url: str,
    owner_url: str,
    model_server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", owner_url)
    model_server.config(num_parallel=2)
    model_server.hold()
    withdrawn, other = hand_in_text(platform_url), hand_in_text(platform_url, "Bleibt.")
    with Worker({**environment, "WORKER_CONCURRENCY": "2"}) as worker:
        model_server.wait(received=2)
        began = time.monotonic()
        assert main(["withdraw", str(withdrawn.submission_id)]) == 0
        model_server.wait(ended=1)
        assert time.monotonic() - began < WITHIN
        worker.wait_for("attempt.cancelled")
        assert submission(owner_url, withdrawn, "analysis_status, error_code") == ("failed", "feedback_failed")
        model_server.release()
        until(lambda: submission(owner_url, other) == ("completed",), "the other is completed")
        rows(admin_url, "SELECT learning_requeue(%s, 'admin', 'the pupil asked for it')", withdrawn.submission_id)
        until(lambda: submission(owner_url, withdrawn) == ("completed",), "the withdrawn one is completed")
    assert len(model_server.requests()) == 3
    assert not [line for line in worker.output if "attempt.superseded" in line]


def test_withdrawing_says_what_became_of_it(
    platform_url: str, owner_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", owner_url)
    unit = hand_in_text(platform_url)
    assert main(["withdraw", str(unit.submission_id), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"submission_id": str(unit.submission_id), "outcome": "withdrawn"}
    assert main(["withdraw", str(uuid4())]) == 4
    assert main(["withdraw", str(unit.submission_id), "--student", "pupil-2"]) == 4
    rows(owner_url, "UPDATE learning_submissions SET analysis_status = 'completed', error_code = NULL")
    capsys.readouterr()
    assert main(["withdraw", str(unit.submission_id)]) == 3
    assert "too late" in capsys.readouterr().err
