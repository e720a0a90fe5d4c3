"""Is this database the one we need? Looked at before the worker starts, and by `python -m submissions check`.

The worker refuses to start as a role that could see every pupil: an owner and a superuser are not held by row-level
security, and every isolation test would pass for the wrong reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from submissions.store.connection import Role, transaction
from submissions.store.migrate import expected
from submissions.store.statements import statements

#: What a worker calls.
NEEDED_FUNCTIONS = (
    "learning_claim",
    "learning_store_opened",
    "learning_store_page",
    "learning_store_feedback",
    "learning_end_attempt",
    "learning_lost_claims",
    "learning_give_up",
    "learning_ring_again",
    "learning_free_abandoned",
    "learning_route_forgotten",
    "learning_prune_attempts",
    "learning_expire",
    "learning_forget",
    "learning_gauges",
)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found: in `powers` and `rights` what is wrong, in words.

    `missing`, `changed`, `unknown`: names of migrations. `connections`: how many the login may have at most.
    `logs_statements`: what fails stands in the server's log with its values. `workers`: living processes by host.
    """

    role: str
    powers: list[str]
    missing: list[str]
    changed: list[str]
    unknown: list[str]
    rights: list[str]
    connections: int
    logs_statements: bool
    workers: Mapping[str, int]


def look(url: str) -> Readiness:
    """Look as the worker's role. Raises DatabaseUnready, also for a schema that is not there, or StoreAway."""
    with transaction(url, Role.WORKER) as cursor:
        return _found(cursor)


def _found(cursor: Cursor) -> Readiness:
    applied, ours = dict(_all(cursor, "migrations")), expected()
    ((role, connections, logs_statements),) = _all(cursor, "session")
    return Readiness(
        role=role,
        powers=[word for (word,) in _all(cursor, "role_powers")],
        missing=sorted(set(ours) - set(applied)),
        changed=sorted(name for name, digest in applied.items() if ours.get(name, digest) != digest),
        unknown=sorted(set(applied) - set(ours)),
        rights=[word for (word,) in _all(cursor, "rights", functions=list(NEEDED_FUNCTIONS))],
        connections=connections,
        logs_statements=logs_statements,
        workers=dict(_all(cursor, "living_workers")),
    )


def _all(cursor: Cursor, name: str, **values: Any) -> list[tuple[Any, ...]]:
    cursor.execute(statements()[name], values)
    return cursor.fetchall()
