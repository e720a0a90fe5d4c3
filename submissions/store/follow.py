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

from submissions.errors import StoreAway
from submissions.lifecycle import FINAL
from submissions.store.connection import Role, connect
from submissions.store.statements import statements

#: Seconds between two looks if nothing rings.
LOOK_AGAIN = 1.0


def follow(url: str, submission_id: UUID, student_sub: str) -> Iterator[Mapping[str, Any]]:
    """The submission whenever what is shown of it changed, last when it has ended; nothing if there is none."""
    connection = connect(url, Role.PLATFORM)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            # This connection speaks for one pupil as long as it lives.
            cursor.execute("SELECT set_config('app.current_sub', %s, false)", (student_sub,))
            cursor.execute("LISTEN learning_submissions; LISTEN learning_progress")
            last = None
            while True:
                cursor.execute(statements()["submission"], {"submission_id": str(submission_id)})
                row = cursor.fetchone()
                if row and row != last:
                    yield dict(zip((column.name for column in cursor.description or ()), row, strict=True))
                status = row[4] if row else None
                if row is None or status in FINAL:
                    return
                last = row
                _wait(connection, str(submission_id))
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        raise StoreAway("the connection to Postgres was lost") from None
    finally:
        connection.close()


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
