"""What a submitter does: hand in, look at a submission of one pupil, withdraw it. Speaks as learning_platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import Json

from submissions.errors import HandInRefused
from submissions.store.connection import Role, transaction
from submissions.store.statements import statements
from submissions.task import TaskContext


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that lies in the storage: its key there, its type, its size in bytes, its SHA-256 in hex."""

    storage_key: str
    mime_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubmission:
    """What `learning_submit` takes: either a text or files, never both."""

    student_sub: str
    task: TaskContext
    text: str | None = None
    files: Sequence[NewFile] = ()
    idempotency_key: str | None = None
    course_id: UUID | None = None
    task_id: UUID | None = None
    priority: int = 0
    cached_text_md: str | None = None


def submit_in(cursor: Cursor, new: NewSubmission) -> UUID:
    """Hand in within the caller's own transaction; returns the submission's id.

    The cursor's role needs EXECUTE on learning_submit. Raises HandInRefused; the transaction is then aborted.
    """
    _refuse_what_postgres_cannot_store(new)
    values: dict[str, Any] = {
        "student_sub": new.student_sub,
        "task": Json(new.task.as_json()),
        "text": new.text,
        "files": Json([asdict(file) for file in new.files]) if new.files else None,
        "idempotency_key": new.idempotency_key,
        "course_id": new.course_id and str(new.course_id),
        "task_id": new.task_id and str(new.task_id),
        "priority": new.priority,
        "cached_text_md": new.cached_text_md,
    }
    try:
        cursor.execute(statements()["submit"], values)
    except psycopg2.errors.InvalidParameterValue as refusal:
        # Our own words (learning_submit raises them), so they may be shown; they never quote the pupil.
        raise HandInRefused(str(refusal.diag.message_primary)) from None
    (submission_id,) = cursor.fetchone() or (None,)
    return UUID(str(submission_id))


def submit(url: str, new: NewSubmission) -> UUID:
    """Hand in within a transaction of its own."""
    return submit_with_keys(url, new)[0]


def submit_with_keys(url: str, new: NewSubmission) -> tuple[UUID, set[str]]:
    """The same; also the storage keys of its files, which with a known idempotency key are not those of `new`.

    Raises StoreAway where nobody can say whether it was handed in; after any other error it was not.
    """
    with transaction(url, Role.PLATFORM, new.student_sub) as cursor:
        submission_id = submit_in(cursor, new)
        cursor.execute(statements()["load_files"], {"submission_id": str(submission_id)})
        return submission_id, {row[1] for row in cursor.fetchall()}


def _refuse_what_postgres_cannot_store(new: NewSubmission) -> None:
    """NUL, and halves of characters, which Python makes of bytes that are no UTF-8."""
    task = new.task
    words = (task.instruction, task.hints, *(each.criterion for each in task.criteria))
    for text in (new.text, new.cached_text_md, new.student_sub, new.idempotency_key, *words):
        if text and "\0" in text:
            raise HandInRefused("the text or the task holds a NUL character, which Postgres cannot store: remove it")
        if text and any("\ud800" <= character <= "\udfff" for character in text):
            raise HandInRefused("the text or the task is not valid UTF-8: convert it")


def look_up(url: str, submission_id: UUID, student_sub: str) -> Mapping[str, Any] | None:
    """A submission as the platform sees it, by column name; None if this pupil has no such one."""
    with transaction(url, Role.PLATFORM, student_sub) as cursor:
        cursor.execute(statements()["submission"], {"submission_id": str(submission_id)})
        row = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
        return dict(zip(names, row, strict=True)) if row else None


def withdraw(url: str, submission_id: UUID, student_sub: str) -> str:
    """Withdraw a submission; returns withdrawn, completed (too late) or unknown."""
    with transaction(url, Role.PLATFORM, student_sub) as cursor:
        cursor.execute(statements()["withdraw"], {"submission_id": str(submission_id)})
        (outcome,) = cursor.fetchone() or ("unknown",)
        return str(outcome)
