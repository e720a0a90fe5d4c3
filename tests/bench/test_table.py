"""What a result is turned into."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.broker import table
from bench.broker.__main__ import DOCUMENT, choose
from bench.broker.cases.slots import intervals
from bench.broker.journal import Record, What
from bench.broker.results import Entry, Result

COMMITTED = DOCUMENT.with_suffix("") / "broker.json"


def result(*entries: Entry) -> Result:
    settings = {"server_version": "18.6", "fsync": "on", "synchronous_commit": "on"}
    return Result(settings, {"ours": {"dramatiq": "1.18.0"}}, {"redelivery": 300.0, "no-op": 12.0}, list(entries))


def row(result: Result, label: str) -> list[str]:
    return next(row for row in table.cells(result) if row[0] == label)


def test_what_did_not_come_in_time_is_told_with_the_cap() -> None:
    found = result(
        Entry("redelivery", "ours", {"seconds": 3.412}, 0.1, 9),
        Entry("redelivery", "dramatiq-pg", {"seconds": None}, 0.1, 310),
    )
    assert row(found, "redelivery after SIGKILL")[1:] == ["3.41 s", "> 300 s", "≤ 5 s ✓"]


def test_a_share_is_taken_of_the_same_run_and_a_missed_target_is_marked() -> None:
    found = result(
        Entry("slots-50ms-2x2", "ours", {"jobs_per_second": 60.0}, 0.1, 9),
        Entry("slots-50ms-2x2", "no-queue", {"jobs_per_second": 80.0}, 0.1, 9),
    )
    assert row(found, "… of the loop without a queue")[1:] == ["75 %", "100 %", "≥ 95 % ✗"]


def test_a_target_against_another_system_needs_more_than_its_figure() -> None:
    found = result(
        Entry("no-op", "ours", {"jobs_per_second": 500.0}, 0.1, 9),
        Entry("no-op", "dramatiq-postgres", {"jobs_per_second": 510.0}, 0.1, 9),
    )
    assert row(found, "no-op jobs, 2 × 4")[1:] == ["500 /s", "510 /s", "> dramatiq-postgres ✗"]


def test_a_target_against_a_system_that_was_not_measured_stays_open() -> None:
    found = result(Entry("no-op", "ours", {"jobs_per_second": 500.0}, 0.1, 9))
    assert row(found, "no-op jobs, 2 × 4")[1:] == ["500 /s", "> dramatiq-postgres"]


def test_rows_of_which_nothing_was_measured_are_left_out() -> None:
    found = result(Entry("redelivery", "ours", {"seconds": 3.0}, 0.1, 9))
    assert [row[0] for row in table.cells(found)] == ["", "redelivery after SIGKILL"]


def test_a_result_survives_its_file(tmp_path: Path) -> None:
    found = result(Entry("redelivery", "ours", {"seconds": None}, 0.1, 9))
    found.write(tmp_path / "broker.json")
    assert Result.read(tmp_path / "broker.json") == found


def test_the_table_of_the_document_is_made_from_the_committed_figures() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert table.BEGIN in document
    assert table.END in document
    assert document == table.put_into(document, Result.read(COMMITTED))
    assert COMMITTED.with_suffix(".png").exists()


def test_only_chooses_by_the_first_letters_of_a_case_and_by_system() -> None:
    chosen = choose(["slots-50ms,ours", "idle"]).parts
    assert [(case.name, [system.name for system in systems]) for case, systems in chosen] == [
        ("slots-50ms-2x2", ["ours"]),
        ("slots-50ms-4x1", ["ours"]),
        ("idle", ["ours", "dramatiq-pg", "dramatiq-postgres", "procrastinate", "pgqueuer"]),
    ]


@pytest.mark.parametrize("wrong", ["slot-use", "idle,dramatic"])
def test_an_unknown_choice_is_refused_with_what_there_is(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"cases are slots-50ms-2x2, .*systems are ours, dramatiq-pg"):
        choose([wrong])


def test_a_job_lasts_from_its_own_start_to_its_own_end() -> None:
    """Keys repeat from process to process, and a job that was killed has no end."""
    records = [
        Record(What.STARTED, 1, 10.0, pid=7),
        Record(What.STARTED, 1, 10.5, pid=8),
        Record(What.ENDED, 1, 11.0, pid=7),
        Record(What.STARTED, 2, 11.2, pid=7),
        Record(What.ENDED, 1, 11.5, pid=8),
    ]
    assert intervals(records) == [(10.0, 11.0), (10.5, 11.5)]
