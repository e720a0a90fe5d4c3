"""Submissions in any state, made through the same functions that users call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg2

from submissions.lifecycle import Step
from submissions.store.hand_in import NewFile, NewSubmission, submit
from submissions.store.work import Claim, Limits, Unit, WorkStore
from submissions.task import Criterion, TaskContext

STUDENT = "pupil-1"
TASK = TaskContext(
    "Beschreibe die Fotosynthese.",
    (Criterion("Fachbegriffe"), Criterion("Aufbau"), Criterion("Sprache")),
    "Chloroplast",
)


def work_store(
    url: str,
    max_attempts: int = 4,
    max_crashes: int = 3,
    max_wait: timedelta = timedelta(hours=24),
    worker: str = "test-worker",
) -> WorkStore:
    return WorkStore(url, worker, Limits(max_attempts, max_crashes, max_wait))


def hand_in_text(url: str, text: str = "Pflanzen machen Zucker.", **values: Any) -> Unit:
    """The feedback unit of a new typed submission."""
    new = NewSubmission(**{"student_sub": STUDENT, "task": TASK, "text": text, **values})
    return Unit(submit(url, new), new.student_sub, Step.FEEDBACK)


def new_file(mime_type: str = "application/pdf") -> NewFile:
    return NewFile(f"submissions/{uuid4()}", mime_type, 1000, "0" * 64)


def hand_in_files(url: str, files: Sequence[NewFile] | None = None, **values: Any) -> Unit:
    """The open unit of a new submission with one PDF, or the files given."""
    new = NewSubmission(**{"student_sub": STUDENT, "task": TASK, "files": files or [new_file()], **values})
    return Unit(submit(url, new), new.student_sub, Step.OPEN)


def claimed(store: WorkStore, unit: Unit, message_id: str | None = None) -> Claim:
    claim = store.claim(unit, message_id or str(uuid4()))
    assert isinstance(claim, Claim), claim
    return claim


def page_of(unit: Unit, page: int) -> Unit:
    return Unit(unit.submission_id, unit.student_sub, Step.READ, page)


def feedback_of(unit: Unit) -> Unit:
    return Unit(unit.submission_id, unit.student_sub, Step.FEEDBACK)


def opened(store: WorkStore, unit: Unit, pages: int) -> None:
    assert store.store_opened(claimed(store, unit), [(1, index) for index in range(pages)])


def read(store: WorkStore, unit: Unit, page: int, text: str) -> None:
    assert store.store_page(claimed(store, page_of(unit, page)), text, "eye", "v1", {})


def complete(platform_url: str, worker_url: str, student: str = STUDENT) -> Unit:
    """A submission with one page, read, judged and completed."""
    store = work_store(worker_url)
    unit = hand_in_files(platform_url, student_sub=student)
    opened(store, unit, pages=1)
    read(store, unit, 1, "eins")
    analysis = {"schema": "criteria.v2", "criteria_results": []}
    told: dict[str, Any] = {
        "model": "pen",
        "prompt_version": "v1",
        "parse_status": "parsed_structured",
        "cost": {},
        "details": {},
    }
    assert store.store_feedback(claimed(store, feedback_of(unit)), "Gut.", analysis, **told)
    return unit


def rows(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement, asked on a connection of its own (as the owner: all rows)."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, [str(value) if isinstance(value, UUID) else value for value in values])
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def submission(url: str, unit: Unit, columns: str = "analysis_status") -> tuple[Any, ...]:
    """Columns of a submission's row."""
    (row,) = rows(url, f"SELECT {columns} FROM learning_submissions WHERE id = %s", unit.submission_id)
    return row


def messages(url: str) -> list[tuple[Any, ...]]:
    """The waiting messages: queue, page, delayed; oldest first."""
    return rows(
        url,
        "SELECT queue_name, (message #>> '{kwargs,page}')::int, due_at > now() FROM dramatiq.queue"
        " WHERE state = 'queued' ORDER BY position",
    )
