"""What upkeep, an outage and an admin ask reads what is open, and not the hundred thousand that have ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from scripts.dev_postgres import DevPostgres
from submissions.store.statements import statements
from tests.conftest import TEMPLATE

ENDED, OPEN = 100_000, 1_000

FILL = """
ALTER TABLE learning_submissions DISABLE TRIGGER USER;
ALTER TABLE dramatiq.queue DISABLE TRIGGER USER;
INSERT INTO learning_submissions (
    id, course_id, task_id, student_sub, kind, text_body, attempt_nr, analysis_status, feedback_md, analysis_json
)
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'pupil-' || n %% 1000, 'text', 'x', 1, status, 'y',
    CASE status WHEN 'completed' THEN '{}'::jsonb END
FROM generate_series(1, %(ended)s + %(open)s) AS n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n > %(ended)s THEN 'pending' WHEN n %% 1000 = 0 THEN 'failed' ELSE 'completed' END AS status
) AS drawn;
INSERT INTO learning_work (submission_id, student_sub, accepted_at, ended_at)
SELECT id, student_sub, now() - interval '9 days',
    CASE WHEN analysis_status <> 'pending' THEN now() - random() * interval '8 days' END
FROM learning_submissions;
INSERT INTO learning_units (submission_id, step, student_sub, state, claim, message_id, ended_at, due_at)
SELECT s.id, 'feedback', s.student_sub,
    CASE s.analysis_status WHEN 'pending' THEN 'waiting' WHEN 'failed' THEN 'failed' ELSE 'done' END,
    1, gen_random_uuid(), w.ended_at, now() - interval '1 h'
FROM learning_submissions AS s JOIN learning_work AS w ON w.submission_id = s.id;
INSERT INTO learning_attempts (submission_id, step, page, claim, student_sub, worker, waited_ms, ended_at, verdict)
SELECT submission_id, step, page, claim, student_sub, 'w', 1, ended_at, 'done'
FROM learning_units WHERE state <> 'waiting';
INSERT INTO dramatiq.queue (message_id, queue_name, state, message)
SELECT message_id, 'feedback', 'queued', '{}' FROM learning_units WHERE state = 'waiting';
ALTER TABLE learning_submissions ENABLE TRIGGER USER;
ALTER TABLE dramatiq.queue ENABLE TRIGGER USER;
"""

ANYTHING: dict[str, Any] = dict.fromkeys(("ids", "state", "stage", "error", "since", "task", "student_sub"))

#: Statement of the store, and what it is asked with.
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "what nothing rings for": ("ring_again", {"limit": 200}),
    "what has no unit": ("route_forgotten", {"limit": 200}),
    "what is said to run": ("free_abandoned", {"longest": 600, "limit": 200}),
    "old attempts": ("prune_attempts", {"days": 7, "limit": 200}),
    "old submissions": ("expire", {"days": 7, "limit": 50}),
    "what waited too long": (
        "give_up",
        {"stage": "feedback", "reason": "r", "message": "m", "max_wait_seconds": 3600, "limit": 20},
    ),
    "list, by state": ("find", {**ANYTHING, "state": "failed", "limit": 25}),
    "list, by pupil": ("find", {**ANYTHING, "student_sub": "pupil-7", "limit": 25}),
    "list, by id": ("find", {**ANYTHING, "ids": ["7f1d4b1e-2a55-4f0c-9a5e-1f3c5a7b9d11"], "limit": 25}),
}

READ = """
SELECT relname, seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables
WHERE seq_tup_read + coalesce(idx_tup_fetch, 0) > %s
"""


@pytest.fixture(scope="module")
def filled(postgres: DevPostgres) -> Iterator[str]:
    """A database in which much has ended; the tests of this file leave it as it is."""
    name = "learning_test_store_plans"
    postgres.create(name, TEMPLATE)
    connection = psycopg2.connect(postgres.url(name))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"ended": ENDED, "open": OPEN})
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.mark.parametrize("what", ASKED)
def test_it_reads_what_is_open_and_little_else(filled: str, what: str) -> None:
    name, values = ASKED[what]
    connection = psycopg2.connect(filled)
    with connection.cursor() as cursor:
        cursor.execute(statements()[name], values)
        cursor.execute(READ, (5 * OPEN,))
        read_much = cursor.fetchall()
    connection.rollback()
    connection.close()
    assert read_much == []
