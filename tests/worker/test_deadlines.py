"""Each stage has a time limit that really ends its model call: one that says nothing, and one that never stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelserver.testing import ScriptedServer
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
