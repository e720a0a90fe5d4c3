"""What is seen across pupils: submissions by state and number, never their text.

Lists are for learning_admin; the gauges are for the worker, whose metrics they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from submissions.store.connection import Role, transaction
from submissions.store.statements import statements

#: Nobody waits longer for an answer, in milliseconds; Prometheus itself gives up after ten seconds.
PATIENCE = 5000


def overview(
    url: str,
    *,
    submission_id: UUID | None = None,
    student_sub: str | None = None,
    status: str | None = None,
    limit: int = 50,
) -> list[Mapping[str, Any]]:
    """One mapping per submission, newest first, with the columns of `learning_overview`."""
    return _rows(
        url,
        Role.ADMIN,
        "overview",
        submission_id=submission_id and str(submission_id),
        student_sub=student_sub,
        status=status,
        limit=limit,
    )


def gauges(url: str) -> list[Mapping[str, Any]]:
    """What is a state at this moment: name, labels, value. Raises StoreAway also if the answer takes too long."""
    return _rows(url, Role.WORKER, "gauges")


def _rows(url: str, role: Role, name: str, **values: Any) -> list[Mapping[str, Any]]:
    with transaction(url, role) as cursor:
        cursor.execute(statements()["patience"], {"milliseconds": PATIENCE})
        cursor.execute(statements()[name], values)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
