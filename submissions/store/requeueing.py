"""What an admin does across pupils: find, look at the history, requeue, discard. Speaks as learning_admin.

Each act is one short transaction, so that workers beside it wait for nobody; what somebody else did meanwhile is told,
not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import psycopg2

from submissions.errors import StoreAway
from submissions.store.connection import Role, connect, transaction
from submissions.store.statements import statements


class Act(StrEnum):
    """What can be done to a submission; the statement of that name does it."""

    REQUEUE = "requeue"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which submissions: all conditions that are set must hold (learning_find says what each means)."""

    ids: Sequence[UUID] = ()
    state: str | None = None
    stage: str | None = None
    error: str | None = None
    since: datetime | None = None
    task: UUID | None = None
    student_sub: str | None = None
    limit: int | None = None


def find(url: str, which: Filter) -> list[Mapping[str, Any]]:
    """One mapping per submission, the newest change first; `total` counts all that match, whatever the limit."""
    values = asdict(which) | {
        "ids": [str(each) for each in which.ids] or None,
        "task": which.task and str(which.task),
    }
    with transaction(url, Role.ADMIN) as cursor:
        cursor.execute(statements()["find"], values)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def history(url: str, submission_id: UUID) -> Mapping[str, Any]:
    """Its units, their runs (`attempts`) and what admins did (`requeues`), each a list in order of time, or None."""
    with transaction(url, Role.ADMIN) as cursor:
        cursor.execute(statements()["history"], {"submission_id": str(submission_id)})
        (found,) = cursor.fetchone() or ({},)
        return dict(found)


def carry_out(url: str, act: Act, submission_ids: Sequence[UUID], by: str, why: str) -> Iterator[tuple[UUID, str]]:
    """Do it to one after the other; each id with what became of it, as soon as it is done. Raises StoreAway."""
    connection = connect(url, Role.ADMIN)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for submission_id in submission_ids:
                values = {"submission_id": str(submission_id), "by": by, "why": why}
                cursor.execute(statements()[act], values)
                (outcome,) = cursor.fetchone() or ("unknown",)
                yield submission_id, str(outcome)
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        raise StoreAway("the connection to Postgres was lost; run the same command again for the rest") from None
    finally:
        connection.close()
