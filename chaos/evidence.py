"""What the claims are held against: the database, what was done to it (schema chaos), and the model server's log.

The log's times are of the machine's monotonic clock; chaos.clock says what they are on the wall's.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from chaos.plan import Plan
from chaos.postgres import Asking

POISONED = """
UPDATE call SET poisoned = EXISTS (
    SELECT FROM chaos.handed_in AS h WHERE h.poison = 'feedback' AND strpos(call.said, h.mark) > 0
);
CREATE INDEX ON call (page);
ANALYZE call
"""
FACTS = """
CREATE SCHEMA chaos;
CREATE TABLE chaos.handed_in (mark text PRIMARY KEY, kind text NOT NULL, pages integer NOT NULL, poison text NOT NULL);
CREATE TABLE chaos.happened (
    number integer PRIMARY KEY, what text NOT NULL, began timestamptz, ended timestamptz
);
CREATE TABLE chaos.clock (monotonic_is_behind double precision NOT NULL);
"""
#: page: what a picture is called in the text that is read from it. poisoned: a typed text that is never answered.
CALLS = """
CREATE TEMPORARY TABLE call (
    received timestamptz NOT NULL, ended timestamptz NOT NULL, outcome text NOT NULL, page text, said text NOT NULL,
    poisoned boolean
)
"""


#: What the picture of a page is called: as its text says, or, where both answers were poor and it does not, as those
#: calls do that were made about it meanwhile and are of no other page.
NAMES = r"""
CREATE TEMPORARY TABLE page_name AS
SELECT p.submission_id, p.page, substring(p.text_md FROM 'Text of page [0-9a-f]{8}\.') AS name FROM learning_pages AS p;
UPDATE page_name AS n SET name = (
    SELECT c.page
    FROM learning_attempts AS a
    JOIN call AS c ON c.received BETWEEN a.claimed_at - interval '0.2 s' AND a.ended_at
    WHERE a.submission_id = n.submission_id AND a.page = n.page AND a.step = 'read' AND a.verdict = 'done'
        AND strpos(c.said, format('Seite %s von ', n.page)) > 0
        AND c.page NOT IN (SELECT o.name FROM page_name AS o WHERE o.name IS NOT NULL)
    LIMIT 1
) WHERE n.name IS NULL
"""


def note(database: Asking, plan: Plan) -> None:
    """Write down what will be done."""
    database.rows(FACTS)
    for each in plan.submissions:
        values = (each.mark, each.kind, each.pages, each.poison)
        database.rows("INSERT INTO chaos.handed_in VALUES (%s, %s, %s, %s)", *values)
    for number, event in enumerate(plan.events):
        database.rows("INSERT INTO chaos.happened (number, what) VALUES (%s, %s)", number, event.what)
    database.rows("INSERT INTO chaos.clock VALUES (%s)", time.time() - time.monotonic())


def gathered(url: str, log: Path) -> Any:
    """A connection in whose session the table `call` holds the log."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT monotonic_is_behind FROM chaos.clock")
        ((behind,),) = cursor.fetchall()
        cursor.execute(CALLS)
        records = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        calls = [_call(each) for each in records if each["roles"]]
        into = "INSERT INTO call (received, ended, outcome, page, said) VALUES %s"
        execute_values(cursor, into, calls, f"(to_timestamp({behind} + %s), to_timestamp({behind} + %s), %s, %s, %s)")
        cursor.execute(POISONED)
        cursor.execute(NAMES)
    return connection


def _call(record: dict[str, Any]) -> tuple[Any, ...]:
    images = record["image_sha256"]
    page = f"Text of page {images[0][:8]}." if images else None
    said = "\n".join(record["contents"])
    return record["received"], record["ended"], record["outcome"], page, said
