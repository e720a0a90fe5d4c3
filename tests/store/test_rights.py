"""Who may see and do what: every table and function, tried as each role."""

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

WORKER_FUNCTIONS = {
    "learning_claim",
    "learning_store_opened",
    "learning_store_page",
    "learning_store_feedback",
    "learning_end_attempt",
    "learning_give_up",
    "learning_lost_claims",
    "learning_ring_again",
    "learning_free_abandoned",
    "learning_route_forgotten",
    "learning_prune_attempts",
    "learning_expire",
    "learning_forget",
}
PLATFORM_FUNCTIONS = {"learning_submit", "learning_withdraw"}
ADMIN_FUNCTIONS = {
    "learning_overview",
    "learning_find",
    "learning_history",
    "learning_withdraw",
    "learning_requeue",
    "learning_discard",
}


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
    platform_url: str, owner_url: str, worker_url: str
) -> None:
    for student in (STUDENT, "pupil-3"):
        complete(platform_url, worker_url, student)
    with psycopg2.connect(worker_url) as connection, connection.cursor() as cursor:
        for pupil, seen in (("", None), ("pupil-2", None), (STUDENT, [STUDENT])):
            cursor.execute("SELECT set_config('app.current_sub', %s, true)", (pupil,))
            for table in TABLES:
                cursor.execute(f"SELECT array_agg(DISTINCT student_sub) FROM {table}")
                assert cursor.fetchone() == (seen,), (pupil, table)
    connection.close()
    for table in TABLES:
        assert rows(owner_url, f"SELECT count(DISTINCT student_sub) FROM {table}") == [(2,)], table


def test_a_transaction_that_speaks_for_nobody_sees_nothing(platform_url: str, worker_url: str) -> None:
    complete(platform_url, worker_url)
    for table in TABLES:
        assert rows(worker_url, f"SELECT count(*) FROM {table}") == [(0,)], table


@pytest.mark.parametrize("role", list(Role))
def test_no_role_of_ours_writes_a_table_directly(request: pytest.FixtureRequest, role: Role) -> None:
    url = request.getfixturevalue(f"{role.removeprefix('learning_')}_url")
    for table in TABLES:
        for act in ("INSERT INTO {} DEFAULT VALUES", "UPDATE {} SET student_sub = ''", "DELETE FROM {}"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                rows(url, act.format(table))


def test_only_the_worker_touches_the_queue(platform_url: str, admin_url: str, worker_url: str) -> None:
    for url in (platform_url, admin_url):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            rows(url, "SELECT message FROM dramatiq.queue")
    assert rows(worker_url, "SELECT count(*) FROM dramatiq.queue") == [(0,)]


def test_each_function_is_for_the_role_that_needs_it(owner_url: str) -> None:
    def allowed(role: str) -> set[str]:
        return {
            name
            for (name,) in rows(
                owner_url,
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                " AND has_function_privilege(%s, oid, 'EXECUTE')",
                role,
            )
        }

    assert allowed("learning_worker") == WORKER_FUNCTIONS | {"learning_gauges"}
    assert allowed("learning_platform") == PLATFORM_FUNCTIONS
    assert allowed("learning_admin") == ADMIN_FUNCTIONS | {"learning_gauges"}


def test_nobody_else_may_call_anything(owner_url: str) -> None:
    assert (
        rows(
            owner_url,
            "SELECT proname FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a"
            " WHERE pronamespace = 'public'::regnamespace AND a.grantee = 0",
        )
        == []
    )


def test_the_admin_reads_no_pupils_text(admin_url: str) -> None:
    for table in TABLES:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            rows(admin_url, f"SELECT * FROM {table}")


@pytest.mark.parametrize("role", list(Role))
def test_what_functions_alone_need_is_shown_to_no_role(request: pytest.FixtureRequest, role: Role) -> None:
    url = request.getfixturevalue(f"{role.removeprefix('learning_')}_url")
    for act in ("INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "SELECT * FROM {}"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            rows(url, act.format("learning_requeues"))
    for view in ("learning_unrung", "learning_abandoned", "learning_unrouted"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            rows(url, f"SELECT * FROM {view}")


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
