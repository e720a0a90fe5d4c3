"""The database away while a result is stored: the model's answer is kept, and stored if the claim still holds.

On a Postgres of its own, since one test stops it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelserver.testing import ScriptedServer
from scripts.dev_postgres import DevPostgres
from submissions.store.hand_in import withdraw
from submissions.task import TaskContext
from tests.conftest import TEMPLATE
from tests.factories import STUDENT, hand_in_text, rows
from tests.own_server import OwnServer
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_whole_path import a_photo, all_completed, hand_in, statuses

FEEDBACK = "INSERT ON learning_results"
PAGE = "UPDATE ON learning_pages"
ATTEMPTS = "SELECT step, claim, verdict, reason FROM learning_attempts ORDER BY claimed_at"


@pytest.fixture(scope="module")
def postgres(own_server: OwnServer) -> Iterator[DevPostgres]:
    own_server.postgres.create(TEMPLATE)
    own_server.postgres.migrate(TEMPLATE)
    yield own_server.postgres
    own_server.postgres.drop(TEMPLATE)


def cut_off(owner_url: str, storing: str) -> None:
    """Whoever stores such a result loses the connection in the middle of it, until `let_through`."""
    rows(
        owner_url,
        "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;"
        f" CREATE TRIGGER cut BEFORE {storing} FOR EACH ROW EXECUTE FUNCTION hang_up()",
    )


def let_through(owner_url: str) -> None:
    rows(owner_url, "DROP FUNCTION hang_up CASCADE")


@pytest.mark.parametrize("storing", [PAGE, FEEDBACK])
def test_an_answer_whose_storing_loses_its_connection_is_stored_once_the_database_is_back(
    environment: dict[str, str],
    platform_url: str,
    owner_url: str,
    model_server: ScriptedServer,
    tmp_path: Path,
    storing: str,
) -> None:
    hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    cut_off(owner_url, storing)
    with Worker(environment) as worker:
        worker.wait_for("store.away", times=2)
        let_through(owner_url)
        until(lambda: all_completed(owner_url), "a completed submission")
    assert [call["has_images"] for call in model_server.requests()] == [True, False]
    assert rows(owner_url, ATTEMPTS) == [
        ("open", 1, "done", None),
        ("read", 1, "done", None),
        ("feedback", 1, "done", None),
    ]
    assert rows(owner_url, "SELECT max(spent) FROM learning_units") == [(1,)]


def test_an_answer_that_was_kept_is_dropped_where_the_claim_is_somebody_elses_by_now(
    environment: dict[str, str], platform_url: str, admin_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    answers = [f"Du hast die {number} Ursache gut erklärt. Nenne noch eine Folge." for number in ("erste", "zweite")]
    model_server.rules([{"match": {"times": 1}, "action": {"json": {"feedback": said}}} for said in answers])
    unit = hand_in_text(platform_url, "1789", task=TaskContext("1789?"))
    cut_off(owner_url, FEEDBACK)
    with Worker(environment) as late:
        late.wait_for("store.away")
        withdraw(platform_url, unit.submission_id, STUDENT)
        rows(admin_url, "SELECT learning_requeue(%s, 'admin', 'the pupil asked for it')", unit.submission_id)
        model_server.hold()
        with Worker(environment):  # the other one's only thread is occupied with its answer
            model_server.wait(received=2)
            let_through(owner_url)
            late.wait_for("attempt.superseded")
            assert statuses(owner_url) == ["pending"]
            assert rows(owner_url, "SELECT count(*) FROM learning_results") == [(0,)]
            model_server.release()
            until(lambda: all_completed(owner_url), "a completed submission")
    assert rows(owner_url, "SELECT feedback_md FROM learning_submissions") == [(answers[1],)]
    assert rows(owner_url, ATTEMPTS) == [("feedback", 1, "cancel", "withdrawn"), ("feedback", 2, "done", None)]
    assert len(model_server.requests()) == 2


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_an_answer_that_comes_while_postgres_is_stopped_is_stored_after_its_start(
    environment: dict[str, str],
    platform_url: str,
    owner_url: str,
    own_server: OwnServer,
    model_server: ScriptedServer,
    mode: str,
) -> None:
    hand_in_text(platform_url)
    model_server.hold()
    with Worker(environment) as worker:
        model_server.wait(received=1)
        with own_server.stopped(mode):
            model_server.release()
            worker.wait_for("store.away")
        until(lambda: all_completed(owner_url), "a completed submission")
    assert len(model_server.requests()) == 1
    assert rows(owner_url, ATTEMPTS) == [("feedback", 1, "done", None)]
    assert rows(owner_url, "SELECT count(*) FROM dramatiq.queue") == [(0,)]
