"""The admin's tool: what it finds, what it changes, what it writes down, and what it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from scripts.requeue import main
from submissions.errors import AnswerFault, FileMissing, InputFault
from submissions.lifecycle import ErrorCode
from submissions.store.hand_in import withdraw
from submissions.store.requeueing import Act, carry_out
from submissions.store.work import Unit, WorkStore
from submissions.task import TaskContext
from tests.factories import (
    STUDENT,
    claimed,
    complete,
    feedback_of,
    hand_in_files,
    hand_in_text,
    messages,
    opened,
    page_of,
    read,
    rows,
    submission,
    work_store,
)

ROOT = Path(__file__).parents[2]
WORN = AnswerFault("answer_not_json", "no JSON").verdict()
GONE = FileMissing("file_missing", "the file is gone").verdict()
CORRUPT = InputFault("damaged", "the file is damaged", ErrorCode.INPUT_CORRUPT)
WHY = ("--why", "the model server was mended", "--by", "ada")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(admin_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the tool with nothing but the admin's login."""
    monkeypatch.setenv("DATABASE_URL", admin_url)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def store(worker_url: str) -> WorkStore:
    return work_store(worker_url, max_attempts=1)


@pytest.fixture
def failed(platform_url: str, store: WorkStore) -> Callable[..., Unit]:
    """A typed submission whose feedback failed."""

    def fail(**values: Any) -> Unit:
        unit = hand_in_text(platform_url, **values)
        store.end(claimed(store, unit), WORN, 0, None)
        return unit

    return fail


def found(run: Run, *options: str) -> set[str]:
    code, out, _ = run("list", "--json", *options)
    assert code == 0
    return {each["submission_id"] for each in json.loads(out)["submissions"]}


def ids(*units: Unit) -> set[str]:
    return {str(unit.submission_id) for unit in units}


def test_each_filter_finds_what_it_names(
    run: Run, failed: Callable[..., Unit], platform_url: str, worker_url: str, owner_url: str, store: WorkStore
) -> None:
    judged, other_pupil = failed(), failed(student_sub="pupil-2", task=TaskContext("Eine andere."))
    unreadable = hand_in_files(platform_url)
    store.end(claimed(store, unreadable), CORRUPT.verdict(), 0, CORRUPT.error_code)
    pending, done = hand_in_text(platform_url), complete(platform_url, worker_url)
    rows(owner_url, "UPDATE learning_work SET ended_at = now() - interval '3 hours' WHERE reason = 'damaged'")
    assert found(run) == ids(judged, other_pupil, unreadable)
    assert found(run, "--state", "pending") == ids(pending)
    assert found(run, "--state", "any") == ids(judged, other_pupil, unreadable, pending, done)
    assert found(run, "--stage", "vision") == ids(unreadable)
    assert found(run, "--error", "input_corrupt") == found(run, "--error", "damaged") == ids(unreadable)
    assert found(run, "--since", "2h") == ids(judged, other_pupil)
    assert found(run, "--student", "pupil-2") == ids(other_pupil)
    assert found(run, "--task", str(submission(owner_url, other_pupil, "task_id")[0])) == ids(other_pupil)
    assert found(run, "--id", str(done.submission_id), "--id", str(judged.submission_id)) == ids(done, judged)
    assert found(run, "--limit", "1") == ids(other_pupil)


def test_requeue_says_which_before_and_what_became_of_each(
    run: Run, failed: Callable[..., Unit], owner_url: str
) -> None:
    first, second = failed(), failed()
    code, out, _ = run("requeue", *WHY)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "2 match"
    assert {line.split()[0] for line in lines[1:3]} == ids(first, second)
    assert lines[3:] == [
        *(f"{line.split()[0]}  requeued" for line in lines[1:3]),
        "2 requeued",
    ]
    assert submission(owner_url, first, "analysis_status, error_code") == ("pending", None)
    assert rows(owner_url, "SELECT action, by, why, was_error_code, was_reason FROM learning_requeues LIMIT 1") == [
        ("requeue", "ada", "the model server was mended", "feedback_failed", "answer_not_json")
    ]


def test_a_requeued_submission_has_fresh_attempts_and_keeps_its_history(
    run: Run, failed: Callable[..., Unit], owner_url: str, store: WorkStore
) -> None:
    unit = failed()
    run("requeue", *WHY)
    claim = claimed(store, unit)
    assert (claim.number, claim.attempt) == (2, 1)
    assert rows(owner_url, "SELECT claim, verdict FROM learning_attempts ORDER BY claim") == [(1, "retry"), (2, None)]
    assert rows(
        owner_url,
        "SELECT accepted_at > s.created_at FROM learning_work JOIN learning_submissions s ON s.id = submission_id",
    ) == [(True,)]


def test_pages_that_are_read_are_not_read_again(run: Run, platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=3)
    read(store, unit, 2, "zwei")
    store.end(claimed(store, page_of(unit, 1)), GONE, 0, None)
    rows(owner_url, "DELETE FROM dramatiq.queue")
    run("requeue", *WHY)
    assert messages(owner_url) == [("vision", 1, False), ("vision", 3, False)]
    assert submission(owner_url, unit) == ("pending",)


def test_with_text_there_is_feedback_alone(run: Run, platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_files(platform_url)
    opened(store, unit, pages=1)
    read(store, unit, 1, "eins")
    store.end(claimed(store, feedback_of(unit)), WORN, 0, None)
    rows(owner_url, "DELETE FROM dramatiq.queue")
    run("requeue", *WHY)
    assert messages(owner_url) == [("feedback", None, False)]
    assert submission(owner_url, unit) == ("extracted",)


def test_a_withdrawn_submission_can_be_requeued(run: Run, platform_url: str, owner_url: str, store: WorkStore) -> None:
    unit = hand_in_text(platform_url)
    withdraw(platform_url, unit.submission_id, STUDENT)
    assert run("requeue", "--error", "withdrawn", *WHY)[0] == 0
    assert rows(owner_url, "SELECT withdrawn_at, reason, ended_at FROM learning_work") == [(None, None, None)]
    claimed(store, unit)


def test_a_poison_that_is_requeued_stays_alone(run: Run, failed: Callable[..., Unit], owner_url: str) -> None:
    failed()
    rows(owner_url, "UPDATE learning_units SET suspect = true, crashes = 3")
    run("requeue", *WHY)
    assert rows(owner_url, "SELECT suspect, crashes FROM learning_units") == [(True, 0)]


def test_a_dry_run_changes_nothing_and_says_the_same(run: Run, failed: Callable[..., Unit], owner_url: str) -> None:
    for _ in range(30):
        failed()
    before = rows(owner_url, "SELECT * FROM learning_submissions ORDER BY id")
    code, out, _ = run("requeue", "--dry-run", *WHY)
    assert (code, out.splitlines()[0], len(out.splitlines())) == (0, "30 match", 31)
    assert rows(owner_url, "SELECT * FROM learning_submissions ORDER BY id") == before
    assert rows(owner_url, "SELECT count(*) FROM learning_requeues") == [(0,)]


@pytest.mark.parametrize("act", ["requeue", "discard"])
def test_more_than_25_need_a_yes(run: Run, failed: Callable[..., Unit], owner_url: str, act: str) -> None:
    for _ in range(26):
        failed()
    code, _, err = run(act, *WHY)
    assert code == 3
    assert "26 submissions" in err
    assert "--yes" in err
    assert rows(owner_url, "SELECT count(*) FROM learning_requeues") == [(0,)]
    assert run(act, "--limit", "25", *WHY)[0] == 0
    assert rows(owner_url, "SELECT count(*) FROM learning_requeues") == [(25,)]
    assert run(act, "--state", "any", "--yes", *WHY)[0] in {0, 1}
    assert rows(owner_url, "SELECT count(DISTINCT submission_id) FROM learning_requeues") == [(26,)]


def test_what_it_does_not_apply_to_is_left_and_told(
    run: Run, failed: Callable[..., Unit], platform_url: str, worker_url: str, owner_url: str
) -> None:
    units = failed(), hand_in_text(platform_url), complete(platform_url, worker_url)
    options = [option for unit in units for option in ("--id", str(unit.submission_id))]
    code, out, _ = run("requeue", "--json", *options, *WHY)
    assert code == 1
    outcomes = json.loads(out)["outcomes"]
    assert [outcomes[str(unit.submission_id)] for unit in units] == ["requeued", "pending", "completed"]
    assert submission(owner_url, units[2], "analysis_status, feedback_md") == ("completed", "Gut.")


def test_run_twice_at_once_each_is_requeued_once(failed: Callable[..., Unit], admin_url: str, owner_url: str) -> None:
    units = [failed().submission_id for _ in range(20)]
    rows(owner_url, "DELETE FROM dramatiq.queue")
    outcomes: list[str] = []

    def all_of_them() -> None:
        outcomes.extend(outcome for _, outcome in carry_out(admin_url, Act.REQUEUE, units, "ada", "twice"))

    admins = [threading.Thread(target=all_of_them) for _ in range(3)]
    for each in admins:
        each.start()
    for each in admins:
        each.join()
    assert (outcomes.count("requeued"), outcomes.count("pending")) == (20, 40)
    assert len(messages(owner_url)) == 20
    assert rows(owner_url, "SELECT count(*) FROM learning_requeues") == [(20,)]


def test_discard_ends_what_is_under_way_and_sets_aside_what_has_failed(
    run: Run, failed: Callable[..., Unit], platform_url: str, owner_url: str
) -> None:
    under_way, over = hand_in_text(platform_url), failed()
    assert run("discard", "--state", "pending", *WHY)[0] == 0
    assert run("discard", *WHY)[0] == 0
    assert submission(owner_url, under_way, "analysis_status, error_code") == ("failed", "feedback_failed")
    assert rows(owner_url, "SELECT DISTINCT reason FROM learning_work") == [("discarded",)]
    assert found(run) == set()
    assert found(run, "--error", "discarded") == ids(under_way, over)
    assert run("requeue", *WHY)[1] == "0 match\nnothing to do\n"
    assert run("requeue", "--id", str(over.submission_id), *WHY)[0] == 0
    assert submission(owner_url, over) == ("pending",)


def test_show_tells_all_that_happened(run: Run, failed: Callable[..., Unit]) -> None:
    unit = failed()
    run("requeue", *WHY)
    code, out, _ = run("show", str(unit.submission_id))
    assert code == 0
    for told in (
        "feedback: waiting, 0 spent",
        "retry (answer_not_json)",
        "requeue by ada: the model server was mended",
    ):
        assert told in out
    _, out, _ = run("show", str(unit.submission_id), "--json")
    assert [run["verdict"] for run in json.loads(out)["attempts"]] == ["retry"]


def test_no_words_of_a_pupil_or_a_teacher_and_no_key_are_shown(
    run: Run, platform_url: str, owner_url: str, store: WorkStore
) -> None:
    marker = "Zebrafink4711"
    task = TaskContext(f"Anweisung {marker}", hints=f"Hinweis {marker}")
    hand_in_text(platform_url, f"Text {marker}", task=task)
    unit = hand_in_files(platform_url, task=task)
    rows(owner_url, "UPDATE learning_files SET storage_key = %s", marker)
    rows(owner_url, "UPDATE learning_submissions SET storage_key = %s WHERE storage_key IS NOT NULL", marker)
    opened(store, unit, pages=1)
    read(store, unit, 1, marker)
    for arguments in (
        ("list", "--state", "any"),
        ("list", "--state", "any", "--json"),
        ("show", str(unit.submission_id), "--json"),
    ):
        code, out, err = run(*arguments)
        assert (code, marker in out + err) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("show", str(uuid4())), 4, "no submission of this id"),
        (("requeue", "--id", str(uuid4()), *WHY), 4, "no submission of this id"),
    ],
)
def test_an_unknown_id_is_told(run: Run, arguments: tuple[str, ...], code: int, told: str) -> None:
    outcome = run(*arguments)
    assert outcome[0] == code
    assert told in outcome[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ("requeue",),
        ("requeue", "--why", " "),
        ("list", "--since", "yesterday"),
        ("list", "--limit", "0"),
        ("list", "--state", "done"),
        ("show", "no-id"),
    ],
)
def test_wrong_use_is_told_in_one_line_and_changes_nothing(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as refusal:
        run(*arguments)
    assert refusal.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "python scripts/requeue.py" in line


def test_it_runs_as_a_file_from_any_folder(failed: Callable[..., Unit], admin_url: str, tmp_path: Path) -> None:
    unit = failed()
    told = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "requeue.py"), "list"],
        cwd=tmp_path,
        env={"DATABASE_URL": admin_url, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(unit.submission_id) in told.stdout
