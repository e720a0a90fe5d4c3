"""The log of a worker: one form for our events, the queue's and Dramatiq's, and no words of anybody in it."""

from __future__ import annotations

import ast
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dramatiq
import pytest
from dramatiq_pg import PostgresBroker

from submissions import events
from submissions.event_table import QUEUE_EVENTS
from submissions.lifecycle import Stage
from tests.factories import hand_in_text
from tests.worker.processes import ROOT, Worker

MARKER = "Zebrafink4711"


def test_whatever_a_worker_process_says_is_a_json_line_without_arguments(
    environment: dict[str, str], platform_url: str, worker_url: str
) -> None:
    hand_in_text(platform_url)
    PostgresBroker(url=worker_url, results=False).enqueue(
        dramatiq.Message(
            queue_name=Stage.FEEDBACK, actor_name="feedback", args=(), kwargs={"words": MARKER}, options={}
        )
    )
    with Worker({**environment, "LOG_LEVEL": "DEBUG"}) as worker:
        worker.wait_for("submission.completed")
        worker.wait_for("queue.rejected")
    told = [json.loads(line) for line in worker.output if line.startswith("{")]
    assert not [line for line in worker.output if MARKER in line]
    # The master and its fork never import our code before they speak.
    strangers = [line for line in worker.output if not line.startswith("{") and "Process(" in line]
    assert [line for line in strangers if "MainProcess" not in line and "ForkProcess" not in line] == []
    names = {line["event"] for line in told}
    assert {"queue.worker_started", "worker.ready", "attempt.started", "log"} <= names
    for line in told:
        assert {"at", "level", "pid"} <= set(line)
    (failure,) = [line for line in told if line.get("logger", "").startswith("dramatiq") and line["level"] == "error"]
    assert "TypeError" in json.dumps(failure)


def test_fields_of_the_queues_events_stand_apart(environment: dict[str, str]) -> None:
    with Worker(environment) as worker:
        worker.wait_for("queue.worker_started")
    (line,) = [json.loads(line) for line in worker.output if "queue.worker_started" in line]
    assert line["event"] == "queue.worker_started"
    assert line["threads"] == 1


def told_by_the_queue() -> Iterator[tuple[str, str, set[str], bool]]:
    """Event, level, the fields that are named, and whether others are unpacked, of each `tell` in the queue's code."""
    for path in (ROOT / "postgres_queue").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tell":
                level, name = node.args
                assert isinstance(level, ast.Attribute), path
                assert isinstance(name, ast.Constant), path
                fields = {each.arg for each in node.keywords if each.arg}
                yield str(name.value), level.attr, fields, len(fields) < len(node.keywords)


def test_the_table_of_events_knows_all_that_the_queue_tells() -> None:
    told = list(told_by_the_queue())
    assert {name for name, *_ in told} == set(QUEUE_EVENTS)
    for name, level, fields, has_more in told:
        event = QUEUE_EVENTS[name]
        assert logging.getLevelName(event.level) == level, name
        assert fields <= set(event.fields), name
        assert has_more or fields == set(event.fields), name


def test_a_subscriber_gets_the_fields_and_its_failure_is_told_and_harms_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(events, "_SUBSCRIBERS", {})
    seen: list[Any] = []

    def fails(fields: object) -> None:
        raise RuntimeError(MARKER)

    events.subscribe("store.away", fails)
    events.subscribe("store.away", seen.append)
    with caplog.at_level(logging.INFO, "learning"):
        events.emit("store.away", waited_seconds=1.5)
    assert seen == [{"waited_seconds": 1.5}]
    assert [record.msg for record in caplog.records] == ["store.away", "unexpected"]
    assert MARKER not in caplog.text


def test_nobody_can_subscribe_to_an_event_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        events.subscribe("attempt.dome", print)


def test_the_code_imports_no_prometheus_client_before_a_process_has_booted() -> None:
    late = {"submissions/metrics/counting.py", "submissions/metrics/scrape.py"}
    for path in [*(ROOT / "submissions").rglob("*.py"), *(ROOT / "actors").glob("*.py"), ROOT / "broker.py"]:
        for node in ast.parse(Path(path).read_text(encoding="utf-8")).body:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                early = name.startswith(
                    ("prometheus_client", "submissions.metrics.counting", "submissions.metrics.scrape")
                )
                assert not early or path.relative_to(ROOT).as_posix() in late, path
