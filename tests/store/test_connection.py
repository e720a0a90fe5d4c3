"""What keeps a connection from being made is told by what to do about it; each is another thing."""

from __future__ import annotations

from typing import cast

import pytest
from psycopg2.extensions import make_dsn

from scripts.dev_postgres import DevPostgres
from submissions.errors import DatabaseUnready
from submissions.store.connection import Role, connect


def refusal(url: str, role: Role | None) -> str:
    with pytest.raises(DatabaseUnready) as raised:
        connect(url, role)
    return str(raised.value)


@pytest.mark.parametrize("role", [Role.WORKER, None])
def test_a_login_that_there_is_not_is_told_as_such(owner_url: str, role: Role | None) -> None:
    told = refusal(make_dsn(owner_url, user="no_such_login"), role)
    assert "refused the login of DATABASE_URL: check user and password" in told
    assert "migrate" not in told


def test_a_login_that_is_no_member_of_our_role_and_a_server_without_it_need_the_migrations_and_a_grant(
    platform_url: str, owner_url: str
) -> None:
    assert "may not act as learning_worker: run `python -m submissions migrate`" in refusal(platform_url, Role.WORKER)
    assert "may not act as not_migrated: run" in refusal(owner_url, cast(Role, "not_migrated"))


@pytest.mark.parametrize("name", ["no_such_database", "role_play"])
def test_a_database_that_there_is_not_is_told_as_such(postgres: DevPostgres, name: str) -> None:
    assert "has no database of that name: create it, then migrate" in refusal(postgres.url(name), Role.WORKER)
