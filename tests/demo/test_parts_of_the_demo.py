"""What the demo's parts promise each other."""

from __future__ import annotations

import io
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scripts.demo.failure import DemoFailed
from scripts.demo.interruption import Interrupted, Interruption
from scripts.demo.outcome import outcome_of
from scripts.demo.samples import Sample, find
from scripts.demo.tail import Tail
from scripts.demo.terminal import print_outcome
from scripts.demo.worker_log import WorkerLog
from scripts.demo.workplace import Workplace
from submissions.task import Criterion, TaskContext

SAMPLE = Sample("page", Path("page.txt"), TaskContext("Schreibe.", (Criterion("Inhalt"), Criterion("Form"))), "Licht")


def row(*criteria: str, **values: Any) -> dict[str, Any]:
    """A submission that was judged by these criteria."""
    results = [{"criterion": each, "max_score": 10, "explanation_md": "Gut."} for each in criteria]
    now = datetime.now(UTC)
    return {
        "analysis_status": "completed",
        "analysis_json": {"criteria_results": results},
        "details": {"marks": ["overall_disagrees"], "criteria": [{"evidence": each[:3]} for each in criteria]},
        "text_body": "Licht",
        "feedback_md": "Weiter so.",
        "error_code": None,
        "reason": None,
        "created_at": now,
        "completed_at": now,
        **values,
    }


@pytest.mark.parametrize("criteria", [("Form", "Inhalt"), ("Inhalt",), ("Inhalt", "Form", "Form")])
def test_criteria_that_are_not_those_of_the_task_in_order_are_a_fault(criteria: tuple[str, ...]) -> None:
    assert (
        outcome_of(SAMPLE, row(*criteria), {}).missing == "its result does not hold each criterion of its task in order"
    )
    assert outcome_of(SAMPLE, row("Inhalt", "Form"), {}).missing == ""


def test_what_stands_beside_a_criterion_is_shown_with_it() -> None:
    result = outcome_of(SAMPLE, row("Inhalt", "Form"), {}).result
    assert [(each.criterion, each.evidence) for each in result.criteria] == [("Inhalt", "Inh"), ("Form", "For")]
    assert result.marks == ("overall_disagrees",)
    blank = outcome_of(SAMPLE, row("Inhalt", "Form", details={"marks": ["blank"]}), {}).result
    assert [each.evidence for each in blank.criteria] == ["", ""]


def test_more_wrong_characters_than_expected_are_marked_and_are_no_fault() -> None:
    outcome = outcome_of(SAMPLE, row("Inhalt", "Form", text_body="Lichd"), {})

    assert outcome.is_read_badly
    assert outcome.missing == ""


def test_a_missing_score_is_printed_as_such_and_nothing_that_a_terminal_would_obey() -> None:
    out = io.StringIO()
    outcome = outcome_of(SAMPLE, row("Inhalt", "Form", text_body="\x1b[2JLicht [bold]"), {})

    print_outcome(Console(file=out, width=80, markup=False), outcome)

    assert "not assessed" in out.getvalue()
    assert "[2JLicht [bold]" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_a_signal_that_comes_while_something_is_started_counts_when_it_is_held() -> None:
    held = []
    with Interruption() as interruption:
        with pytest.raises(Interrupted) as raised, interruption.held_back():
            os.kill(os.getpid(), signal.SIGTERM)
            held.append("started")
        os.kill(os.getpid(), signal.SIGTERM)  # a second one leaves cleaning up in peace

    assert held == ["started"]
    assert raised.value.exit_code == 128 + signal.SIGTERM


def test_a_folder_that_holds_something_else_is_not_cleared(tmp_path: Path) -> None:
    precious = tmp_path / "storage" / "thesis.txt"
    precious.parent.mkdir()
    precious.touch()

    with pytest.raises(DemoFailed, match="holds what no demo put there"), Workplace(tmp_path):
        pass

    assert precious.exists()


def test_a_line_of_a_log_is_told_once_and_whole(tmp_path: Path) -> None:
    log = tmp_path / "log"
    tail = Tail(log)
    assert tail.lines() == []

    log.write_text("one\ntw")
    assert tail.lines() == ["one"]
    log.write_text("one\ntwo\n")
    assert tail.lines() == ["two"]


def test_a_setup_that_nobody_will_mend_ends_the_wait(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text('starting\n{"event": "setup.wrong", "reason": "cloud_model", "problem": "name another model"}\n')

    with pytest.raises(DemoFailed, match="name another model"):
        WorkerLog(log).look()


def test_a_task_without_its_one_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "essay.task.yaml").write_text("instruction: Write.")

    with pytest.raises(DemoFailed, match=r"beside essay\.task\.yaml there must be exactly one file essay\.\*, not 0"):
        find(tmp_path)
