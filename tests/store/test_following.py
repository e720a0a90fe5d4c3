"""Following a submission: whoever watches is woken by what happens to it, and by nothing else."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from submissions.errors import DatabaseUnready
from submissions.store import follow
from tests.factories import hand_in_files, hand_in_text, opened, read, rows, work_store
from tests.waiting import until


@pytest.fixture
def never_looks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "LOOK_AGAIN", 3600.0)


def test_between_two_looks_the_connection_speaks_for_nobody(platform_url: str) -> None:
    """Behind a pooling PgBouncer somebody else has it then."""
    unit = hand_in_text(platform_url)
    watching = follow.follow(platform_url, unit.submission_id, unit.student_sub)
    assert next(watching)["analysis_status"] == "pending"
    with watching.gi_frame.f_locals["connection"].cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT current_setting('app.current_sub', true)")
        assert cursor.fetchone() == ("",)
    watching.close()  # type: ignore[attr-defined]


def test_a_database_without_our_schema_is_named(platform_url: str, owner_url: str) -> None:
    unit = hand_in_text(platform_url)
    rows(owner_url, "ALTER TABLE learning_pages RENAME TO pages")
    with pytest.raises(DatabaseUnready, match="run `python -m submissions migrate`"):
        next(follow.follow(platform_url, unit.submission_id, unit.student_sub))


@pytest.mark.usefixtures("never_looks_by_itself")
def test_every_page_wakes_whoever_watches(platform_url: str, worker_url: str, owner_url: str) -> None:
    unit, store = hand_in_files(platform_url), work_store(worker_url)
    seen: list[tuple[Any, ...]] = []

    def watch() -> None:
        for row in follow.follow(platform_url, unit.submission_id, unit.student_sub):
            seen.append((row["analysis_status"], row["pages_read"], row["page_count"]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    until(lambda: len(seen) == 1, "a first look")
    opened(store, unit, pages=3)
    until(lambda: seen[-1][2], "the number of pages")
    read(store, unit, 2, "Text")
    until(lambda: seen[-1][1] == 1, "one page")
    read(store, unit, 1, "Text")
    until(lambda: seen[-1][1] == 2, "two pages")
    read(store, unit, 3, "Text")
    until(lambda: seen[-1] == ("extracted", 3, 3), "all pages read")
    rows(owner_url, "UPDATE learning_submissions SET analysis_status = 'failed', error_code = 'feedback_failed'")
    watcher.join(10)

    assert not watcher.is_alive()
    assert seen == [
        ("pending", 0, None),
        ("pending", 0, 3),
        ("pending", 1, 3),
        ("pending", 2, 3),
        ("extracted", 3, 3),
        ("failed", 3, 3),
    ]
