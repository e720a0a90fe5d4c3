"""Every table, view and function of both schemas, tried as every role of ours and as a login that has none of them.

What is not listed here must be refused; what is new is tried without anybody thinking of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from submissions.store.connection import Role

NOBODY = "learning_test_nobody"

ACTS = {
    "SELECT": "SELECT * FROM {relation} LIMIT 0",
    "INSERT": "INSERT INTO {relation} DEFAULT VALUES",
    "UPDATE": "UPDATE {relation} SET {column} = {column} WHERE false",
    "DELETE": "DELETE FROM {relation} WHERE false",
}
SEES, ALL = {"SELECT"}, set(ACTS)

PUPILS_DATA = {
    f"public.learning_{name}"
    for name in ("submissions", "work", "task_contexts", "files", "pages", "units", "attempts", "results")
}
#: The teacher's hints, and what operators look at.
NOT_FOR_PLATFORMS = {"public.learning_task_contexts", "public.learning_attempts"}

RELATIONS: dict[str, dict[str, set[str]]] = {
    Role.WORKER: {
        **dict.fromkeys(PUPILS_DATA, SEES),
        "public.learning_migrations": SEES,
        "dramatiq.queue": ALL,
        "dramatiq.worker": ALL,
        "dramatiq.chore": {"SELECT", "UPDATE"},
        "dramatiq.present": SEES,
        "dramatiq.overview": SEES,
    },
    Role.PLATFORM: {**dict.fromkeys(PUPILS_DATA - NOT_FOR_PLATFORMS, SEES), "public.learning_migrations": SEES},
    Role.ADMIN: {"public.learning_migrations": SEES, "dramatiq.present": SEES, "dramatiq.overview": SEES},
    NOBODY: {},
}

FUNCTIONS: dict[str, set[str]] = {
    Role.WORKER: {
        "dramatiq.enqueue",
        "dramatiq.presence_class",
        "public.learning_claim",
        "public.learning_store_opened",
        "public.learning_store_page",
        "public.learning_store_feedback",
        "public.learning_end_attempt",
        "public.learning_give_up",
        "public.learning_lost_claims",
        "public.learning_ring_again",
        "public.learning_free_abandoned",
        "public.learning_route_forgotten",
        "public.learning_prune_attempts",
        "public.learning_expire",
        "public.learning_forget",
        "public.learning_gauges",
    },
    Role.PLATFORM: {"public.learning_submit", "public.learning_withdraw"},
    Role.ADMIN: {
        "dramatiq.presence_class",
        "public.learning_overview",
        "public.learning_find",
        "public.learning_history",
        "public.learning_withdraw",
        "public.learning_requeue",
        "public.learning_discard",
        "public.learning_gauges",
    },
    NOBODY: set(),
}

LISTED_RELATIONS = """
SELECT n.nspname || '.' || c.relname, c.relkind = 'v', a.attname
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE n.nspname IN ('public', 'dramatiq') AND c.relkind IN ('r', 'p', 'v')
    AND a.attnum = (
        SELECT max(b.attnum) FROM pg_attribute AS b
        WHERE b.attrelid = c.oid AND NOT b.attisdropped AND b.attidentity = '' AND b.attnum > 0
    )
"""
LISTED_FUNCTIONS = """
SELECT n.nspname || '.' || p.proname, p.pronargs, p.prorettype = 'trigger'::regtype
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'dramatiq')
"""


@pytest.fixture(params=[*Role, NOBODY])
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def cursor(owner_url: str, role: str) -> Iterator[Cursor]:
    """Speaks as the role; whatever it does is rolled back."""
    connection = psycopg2.connect(owner_url)
    with connection.cursor() as speaking:
        speaking.execute(f"CREATE ROLE {NOBODY}")
        speaking.execute(f"SET SESSION AUTHORIZATION {role}")
        yield speaking
    connection.rollback()
    connection.close()


def tried(cursor: Cursor, statement: str, denied: str) -> bool:
    """Whether a statement was not refused for want of a right to what is `denied`; how it ends else does not matter."""
    cursor.execute("SAVEPOINT trying")
    try:
        cursor.execute(statement)
    except psycopg2.errors.InsufficientPrivilege as problem:
        return not (f"permission denied for {denied}" in str(problem) or "for schema" in str(problem))
    except psycopg2.Error:
        return True
    finally:
        cursor.execute("ROLLBACK TO SAVEPOINT trying")
    return True


def test_each_role_may_do_to_each_table_and_view_what_is_listed_and_no_more(cursor: Cursor, role: str) -> None:
    found: dict[str, set[str]] = {}
    cursor.execute(LISTED_RELATIONS)
    for relation, is_view, column in cursor.fetchall():
        kind = "view" if is_view else "table"
        for act, statement in ACTS.items() if not is_view else [("SELECT", ACTS["SELECT"])]:
            name = relation.partition(".")[2]
            if tried(cursor, statement.format(relation=relation, column=column), f"{kind} {name}"):
                found.setdefault(relation, set()).add(act)
    assert found == RELATIONS[role]


def test_each_role_may_call_each_function_that_is_listed_and_no_other(cursor: Cursor, role: str) -> None:
    cursor.execute(LISTED_FUNCTIONS)
    found = set()
    for function, arguments, is_trigger in cursor.fetchall():
        call = f"SELECT {function}({', '.join(['NULL'] * arguments)})"
        name = function.partition(".")[2]
        if not is_trigger and tried(cursor, call, f"function {name}"):
            found.add(function)
    assert found == FUNCTIONS[role]
