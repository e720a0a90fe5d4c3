"""Is this database the one we need? Asked before the worker starts, and by `python -m submissions check`.

The worker refuses to start as a role that could see every pupil: an owner and a superuser are not held by row-level
security, and every isolation test would pass for the wrong reason.
"""

from __future__ import annotations

from submissions.errors import DatabaseUnready
from submissions.store.connection import Role, transaction
from submissions.store.migrate import expected
from submissions.store.statements import statements


def require_ready(url: str) -> None:
    """Raise DatabaseUnready with the command that puts it right, or StoreAway."""
    with transaction(url, Role.WORKER) as cursor:
        cursor.execute(statements()["role_powers"])
        powers = [word for (word,) in cursor.fetchall()]
        if powers:
            raise DatabaseUnready(f"the worker's role must be an ordinary one, but it is {' and '.join(powers)}")
        cursor.execute(statements()["applied_migrations"])
        applied = {name for (name,) in cursor.fetchall()}
    missing = sorted(set(expected()) - applied)
    if missing:
        raise DatabaseUnready(f"the schema is {len(missing)} migration(s) behind: run `python -m submissions migrate`")
