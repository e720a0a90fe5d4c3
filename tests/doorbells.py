"""The queue's part in tests that have no worker: messages handed out, put back, acknowledged, and owners that die.

Each does what the queue's own statement does; the rescue is the queue's own statement.
"""

from __future__ import annotations

from typing import Any

import psycopg2

from postgres_queue.statements import STATEMENTS
from submissions.lifecycle import Step
from submissions.store.work import Unit
from tests.factories import rows

#: The worker process that messages are handed to if no other is named.
OWNER = 1


def handed_out(url: str, unit: Unit, owner: int = OWNER) -> str:
    """Hand out the oldest queued message of a unit; its id."""
    ((message_id,),) = rows(
        url,
        "UPDATE dramatiq.queue SET state = 'consumed', owner = %s, delivery = delivery + 1, delayed = false"
        " WHERE message_id = (SELECT message_id FROM dramatiq.queue WHERE state = 'queued' AND queue_name = %s"
        " AND message #>> '{kwargs,submission_id}' = %s AND message #>> '{kwargs,page}' IS NOT DISTINCT FROM %s"
        " ORDER BY position LIMIT 1) RETURNING message_id::text",
        owner,
        unit.step.stage,
        unit.submission_id,
        str(unit.page) if unit.step is Step.READ else None,
    )
    return str(message_id)


def owner_died(url: str, owner: int = OWNER) -> None:
    """Everything that it held goes back."""
    run(url, "rescue", dead=owner, beat=None)


def put_back(url: str, message_id: str, reason: str, owner: int = OWNER) -> None:
    """A delivery that goes back, due at once."""
    ((delivery,),) = rows(url, "SELECT delivery FROM dramatiq.queue WHERE message_id = %s", message_id)
    run(url, "put_back", owner=owner, ids=[message_id], deliveries=[delivery], afters=[0.0], reasons=[reason])


def acknowledged(url: str, message_id: str) -> None:
    """Its thread is through with it."""
    rows(url, "DELETE FROM dramatiq.queue WHERE message_id = %s AND state = 'consumed'", message_id)


def run(url: str, statement: str, **values: Any) -> None:
    """One of the queue's own statements."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(STATEMENTS[statement], values)
    finally:
        connection.close()
