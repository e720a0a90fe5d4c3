"""What always holds, whatever happens in whatever order: the invariants of docs/lifecycle.md, by their numbers there.

Each statement selects what breaks one of them; no row is right. What compares two moments stands in `Memory`.
"""

from __future__ import annotations

from typing import Any

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from submissions.lifecycle import ALLOWED, Status

BROKEN = {
    "2 an open attempt is the run of its unit, and a running unit has one": """
        SELECT u.submission_id, u.step, u.page, u.state, u.claim, a.claim
        FROM learning_units u FULL JOIN (SELECT * FROM learning_attempts WHERE ended_at IS NULL) a
            USING (submission_id, step, page)
        WHERE (u.state = 'running') <> (a.claim IS NOT NULL) OR a.claim <> u.claim""",
    "3 a submission that has ended has no unit that waits": """
        SELECT s.id, u.step FROM learning_submissions s JOIN learning_units u ON u.submission_id = s.id
        WHERE s.analysis_status IN ('completed', 'failed') AND u.state = 'waiting'""",
    "4 a unit that waits is wanted": """
        SELECT s.id, u.step FROM learning_submissions s JOIN learning_units u ON u.submission_id = s.id
        WHERE u.state = 'waiting' AND (s.text_body IS NOT NULL) <> (u.step = 'feedback')""",
    "5 a submission under way has a unit that waits or runs": """
        SELECT s.id FROM learning_submissions s
        WHERE s.analysis_status IN ('pending', 'extracted') AND NOT EXISTS (
            SELECT FROM learning_units u WHERE u.submission_id = s.id AND u.state IN ('waiting', 'running'))""",
    "6 limits are kept": """
        SELECT submission_id, step, spent, crashes FROM learning_units
        WHERE spent > %(attempts)s OR crashes > %(crashes)s""",
    "6 spent are the attempts that count: neither a snooze nor a death nor a lost connection": """
        SELECT u.submission_id, u.step, u.page, u.spent FROM learning_units u
        WHERE u.state IN ('waiting', 'running')
            AND NOT EXISTS (SELECT FROM learning_requeues r WHERE r.submission_id = u.submission_id)
            AND u.spent <> (
                SELECT count(*) FROM learning_attempts a
                WHERE (a.submission_id, a.step, a.page) = (u.submission_id, u.step, u.page)
                    AND (a.verdict IS NULL OR a.verdict IN ('retry', 'cancel') OR a.reason = 'message_gone'))""",
    "7 a result is stored by one run": """
        SELECT submission_id, step, page FROM learning_attempts WHERE verdict = 'done'
        GROUP BY submission_id, step, page HAVING count(*) > 1""",
    "8 a completed submission has all that it should, and its time": """
        SELECT s.id FROM learning_submissions s
        JOIN learning_work w ON w.submission_id = s.id LEFT JOIN learning_results r ON r.submission_id = s.id
        WHERE s.analysis_status = 'completed' AND (s.analysis_json IS NULL OR s.feedback_md IS NULL
            OR s.text_body IS NULL OR s.error_code IS NOT NULL OR w.reason IS NOT NULL OR w.ended_at IS NULL
            OR r.submission_id IS NULL)""",
    "9 a failed submission has a code of its stage, a reason, and its time; no other has": """
        SELECT s.id, s.analysis_status, s.error_code, w.reason FROM learning_submissions s
        JOIN learning_work w ON w.submission_id = s.id
        WHERE (s.analysis_status = 'failed') <> (s.error_code IS NOT NULL AND s.error_code NOT LIKE '%%retrying')
            OR (s.analysis_status = 'failed') <> (w.reason IS NOT NULL)
            OR (s.analysis_status IN ('completed', 'failed')) <> (w.ended_at IS NOT NULL)""",
    "10 text was read, typed or brought along before it is judged": """
        SELECT id FROM learning_submissions WHERE analysis_status = 'extracted' AND text_body IS NULL""",
    "14 a submission under way has a page that was or may be read, once there are pages": """
        SELECT s.id FROM learning_submissions s
        WHERE s.analysis_status = 'pending' AND s.text_body IS NULL
            AND EXISTS (SELECT FROM learning_pages p WHERE p.submission_id = s.id)
            AND NOT EXISTS (
                SELECT FROM learning_pages p
                WHERE p.submission_id = s.id AND (p.text_md IS NOT NULL OR p.problem IS NULL))""",
}

MEND = ("learning_unrung", "learning_unrouted")


def assert_holds(cursor: Cursor, limits: dict[str, int]) -> None:
    """All that one look can tell."""
    for name, statement in BROKEN.items():
        cursor.execute(statement, limits)
        assert cursor.fetchall() == [], name


def assert_mended(cursor: Cursor) -> None:
    """Right after a round of reconciling: 11, every unit that waits has a message."""
    for view in MEND:
        cursor.execute(f"SELECT * FROM {view}")
        assert cursor.fetchall() == [], view


class Memory:
    """What was seen before: claims grow, texts of pages stay, done stays done, statuses move along their arrows."""

    def __init__(self) -> None:
        self._units: dict[tuple[Any, ...], tuple[int, str]] = {}
        self._pages: dict[tuple[Any, ...], str] = {}
        self._statuses: dict[str, Status] = {}

    def compare(self, cursor: Cursor) -> None:
        cursor.execute("SELECT submission_id, step, page, claim, state FROM learning_units")
        for *unit, claim, state in cursor.fetchall():
            claim_before, state_before = self._units.get(tuple(unit), (0, ""))
            assert claim >= claim_before, "1 a claim only grows"
            assert state_before != "done" or state == "done", "7 what is done stays done"
            self._units[tuple(unit)] = claim, state
        cursor.execute("SELECT submission_id, page, text_md FROM learning_pages WHERE text_md IS NOT NULL")
        for submission_id, page, text in cursor.fetchall():
            assert self._pages.setdefault((submission_id, page), text) == text, "7 a page is stored once"
        cursor.execute("SELECT id, analysis_status FROM learning_submissions")
        for submission_id, word in cursor.fetchall():
            status, before = Status(word), self._statuses.get(submission_id, Status(word))
            assert status == before or status in ALLOWED[before], f"12 {before} → {status}"
            self._statuses[submission_id] = status
