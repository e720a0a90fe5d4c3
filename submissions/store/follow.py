"""Following one submission until it ends, without asking again and again: LISTEN, with a look now and then.

The channels tell of each change of status and of each page that is stored. The look serves where notifications do not
come through (a pooling PgBouncer).
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from submissions.lifecycle import FINAL
from submissions.store.connection import Role, connect, failure
from submissions.store.statements import statements

#: Seconds between two looks if nothing rings.
LOOK_AGAIN = 1.0


def follow(url: str, submission_id: UUID, student_sub: str) -> Iterator[Mapping[str, Any]]:
    """The submission whenever what is shown of it changed, last when it has ended; nothing if there is none."""
    connection = connect(url, Role.PLATFORM)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("LISTEN learning_submissions; LISTEN learning_progress")
            last = None
            while (seen := _look(cursor, submission_id, student_sub)) is not None:
                if seen != last:
                    yield seen
                if seen["analysis_status"] in FINAL:
                    return
                last = seen
                _wait(connection, str(submission_id))
    except psycopg2.Error as problem:
        raise failure(problem) from None
    finally:
        connection.close()


def _look(cursor: Cursor, submission_id: UUID, student_sub: str) -> Mapping[str, Any] | None:
    """What is shown of the submission now. Both statements are sent as one, and so are one transaction: what it says of
    the pupil ends with it, and a pooling PgBouncer hands no session on that speaks for anybody."""
    speak_for_the_pupil = "SELECT set_config('app.current_sub', %(student_sub)s, true); "
    values = {"student_sub": student_sub, "submission_id": str(submission_id)}
    cursor.execute(speak_for_the_pupil + statements()["submission"], values)
    row = cursor.fetchone()
    return dict(zip((column.name for column in cursor.description or ()), row, strict=True)) if row else None


def _wait(connection: Connection, submission_id: str) -> None:
    """Until a notification names the submission, or it is time for another look."""
    until = time.monotonic() + LOOK_AGAIN
    while (left := until - time.monotonic()) > 0:
        if any(submission_id in notice.payload for notice in connection.notifies):
            break
        connection.notifies.clear()
        select.select([connection], [], [], left)
        connection.poll()
    connection.notifies.clear()
