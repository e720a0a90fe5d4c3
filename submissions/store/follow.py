"""Following one submission until it ends, without asking again and again: LISTEN, with a look once a second.

The second look shows pages as they are read, and serves where notifications do not come through (a pooling PgBouncer).
"""

from __future__ import annotations

import select
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import psycopg2

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
            cursor.execute("LISTEN learning_submissions")
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
                select.select([connection], [], [], LOOK_AGAIN)
                connection.poll()
                connection.notifies.clear()
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        raise StoreAway("the connection to Postgres was lost") from None
    finally:
        connection.close()
