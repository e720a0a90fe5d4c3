"""Whose rows a role sees, and what an act for somebody else comes to; what is allowed at all: test_every_right.py."""

from __future__ import annotations

import psycopg2
import pytest

from submissions.store.connection import Role
from tests.factories import STUDENT, complete, hand_in_text, rows, submission

TABLES = (
    "learning_submissions",
    "learning_work",
    "learning_task_contexts",
    "learning_files",
    "learning_pages",
    "learning_units",
    "learning_attempts",
    "learning_results",
)

#: Without the teacher's hints, and what operators look at.
SHOWN = {
    Role.WORKER: TABLES,
    Role.PLATFORM: tuple(table for table in TABLES if table not in {"learning_task_contexts", "learning_attempts"}),
}


@pytest.fixture(params=SHOWN)
def reader(request: pytest.FixtureRequest) -> tuple[str, tuple[str, ...]]:
    """The URL of a role that reads pupils' rows, and the tables that it is shown."""
    role: Role = request.param
    return request.getfixturevalue(f"{role.removeprefix('learning_')}_url"), SHOWN[role]


def test_the_worker_role_owns_nothing_and_is_held_by_row_level_security(owner_url: str) -> None:
    assert rows(
        owner_url,
        "SELECT rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = r.oid) FROM pg_roles r"
        " WHERE rolname = 'learning_worker'",
    ) == [(False, False, 0)]
    unprotected = rows(
        owner_url,
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND NOT relrowsecurity AND relname <> 'learning_migrations'",
    )
    assert unprotected == []


def test_a_transaction_sees_the_rows_of_the_pupil_that_it_speaks_for(
    platform_url: str, owner_url: str, worker_url: str, reader: tuple[str, tuple[str, ...]]
) -> None:
    url, tables = reader
    for student in (STUDENT, "pupil-3"):
        complete(platform_url, worker_url, student)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        for pupil, seen in (("", None), ("pupil-2", None), (STUDENT, [STUDENT])):
            cursor.execute("SELECT set_config('app.current_sub', %s, true)", (pupil,))
            for table in tables:
                cursor.execute(f"SELECT array_agg(DISTINCT student_sub) FROM {table}")
                assert cursor.fetchone() == (seen,), (pupil, table)
    connection.close()
    for table in TABLES:
        assert rows(owner_url, f"SELECT count(DISTINCT student_sub) FROM {table}") == [(2,)], table


def test_a_transaction_that_speaks_for_nobody_sees_nothing(
    platform_url: str, worker_url: str, reader: tuple[str, tuple[str, ...]]
) -> None:
    url, tables = reader
    complete(platform_url, worker_url)
    for table in tables:
        assert rows(url, f"SELECT count(*) FROM {table}") == [(0,)], table


def test_every_function_that_acts_as_the_owner_fixes_its_search_path(owner_url: str) -> None:
    assert (
        rows(
            owner_url,
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
            " AND NOT coalesce('search_path=pg_catalog, public, pg_temp' = ANY (proconfig), false)",
        )
        == []
    )


def test_whom_an_admin_or_a_platform_does_not_speak_for_they_cannot_withdraw(
    platform_url: str, admin_url: str, owner_url: str
) -> None:
    unit = hand_in_text(platform_url)
    for url in (platform_url, admin_url):
        for pupil in ("", "pupil-2"):
            speak = f"SELECT set_config('app.current_sub', '{pupil}', true); SELECT learning_withdraw(%s)"
            assert rows(url, speak, unit.submission_id) == [("unknown",)]
    assert submission(owner_url, unit) == ("pending",)
