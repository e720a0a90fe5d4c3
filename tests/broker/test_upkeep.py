"""What the queue keeps, for how long, and what an operator sees of it."""

from __future__ import annotations

import psycopg2
import pytest

from postgres_queue.connection import Session, Target
from postgres_queue.housekeeping import BATCH, Housekeeping
from tests.broker.lab import ROOT, Lab


def test_finished_messages_are_gone_and_rejected_ones_stay_until_their_time(lab: Lab) -> None:
    lab.run(
        "INSERT INTO dramatiq.queue (message_id, queue_name, state, mtime, result_ttl) VALUES"
        " (gen_random_uuid(), 'old rejected', 'rejected', now() - interval '31 days', NULL),"
        " (gen_random_uuid(), 'young rejected', 'rejected', now() - interval '29 days', NULL),"
        " (gen_random_uuid(), 'old done', 'done', now() - interval '2 minutes', NULL),"
        " (gen_random_uuid(), 'young done', 'done', now(), NULL),"
        " (gen_random_uuid(), 'kept result', 'done', now() - interval '2 minutes', now() + interval '1 hour')"
    )
    with lab.worker() as master:
        lab.enqueue("note", key="a")
        lab.ran("a")
        master.says("queue.dropped rejected=1 done=1")
        lab.until("SELECT count(*) = 3 FROM dramatiq.queue")
    assert {row[0] for row in lab.run("SELECT queue_name FROM dramatiq.queue")} == {
        "young rejected",
        "young done",
        "kept result",
    }


def test_whatever_has_piled_up_is_removed_batch_by_batch(lab: Lab) -> None:
    """The keeper has bells to hear and others to watch over meanwhile."""
    lab.run(
        "INSERT INTO dramatiq.queue (message_id, state, mtime)"
        " SELECT gen_random_uuid(), 'rejected', now() - interval '31 days' FROM generate_series(1, %s)",
        2 * BATCH + 1,
    )
    session, left = Session(Target(lab.worker_url), "test"), []
    housekeeping = Housekeeping(session, keep_rejected_days=30)
    for _ in range(4):
        housekeeping.look()
        left.append((lab.value("SELECT count(*) FROM dramatiq.queue"), housekeeping.has_more))
    session.close()
    assert left == [(BATCH + 1, True), (1, True), (0, False), (0, False)]


def test_bells_are_heard_while_much_is_removed(lab: Lab) -> None:
    lab.run(
        "INSERT INTO dramatiq.queue (message_id, state, mtime)"
        " SELECT gen_random_uuid(), 'rejected', now() - interval '31 days' FROM generate_series(1, %s);"
        " CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';"
        " CREATE TRIGGER slowly AFTER DELETE ON dramatiq.queue FOR EACH STATEMENT"
        " WHEN (current_setting(''application_name'') LIKE ''%%keeper'') EXECUTE FUNCTION slowly()".replace("''", "'"),
        40 * BATCH,
    )
    with lab.worker(TRIAL_POLL_SECONDS="60"):
        for key in ("found by the first look", "heard"):
            lab.enqueue("note", key=key)
            lab.ran(key)
        assert lab.value("SELECT count(*) FROM dramatiq.queue WHERE state = 'rejected'") > 0


def test_housekeeping_is_done_by_one_process_per_period(lab: Lab) -> None:
    with lab.worker(processes=2):
        lab.until("SELECT next_at > now() FROM dramatiq.chore WHERE name = 'housekeeping'")
        first = lab.value("SELECT xmin::text FROM dramatiq.chore WHERE name = 'housekeeping'")
        lab.until("SELECT count(*) = 2 FROM dramatiq.present")
        lab.enqueue("note", delay=1.5, key="both have looked")
        lab.ran("both have looked")
        assert lab.value("SELECT xmin::text FROM dramatiq.chore WHERE name = 'housekeeping'") == first


def test_the_overview_counts_each_queue_and_says_who_holds_what(lab: Lab, admin_url: str) -> None:
    with lab.worker(threads=2) as master:
        lab.enqueue("gate", key="a")
        pid = lab.started("a")
        lab.enqueue("nobody", key="pupil's text")
        lab.enqueue("note", delay=60, key="later")
        lab.enqueue("note", queue="elsewhere entirely", key="nobody serves this")
        lab.until("SELECT rejected FROM dramatiq.overview WHERE queue_name = 'trial'")
        connection = psycopg2.connect(admin_url)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT * FROM dramatiq.overview")
            rows = {row[0]: row[1:] for row in cursor.fetchall()}
        connection.close()
        assert master.pid != pid
    assert rows["trial"][:4] == (0, 1, 1, 1)
    assert rows["elsewhere entirely"][:4] == (1, 0, 0, 0)
    assert rows["elsewhere entirely"][4].total_seconds() >= 0
    (worker,) = rows["trial"][5]
    assert (worker["pid"], worker["threads"]) == (pid, 2)
    assert [(held["actor"], held["delivery"]) for held in worker["holds"]] == [("gate", 1)]
    assert rows["other"][:4] == (0, 0, 0, 0)
    assert [each["holds"] for each in rows["other"][5]] == [[]]
    assert "pupil's text" not in str(rows)


def test_the_overview_shows_no_worker_that_died(lab: Lab) -> None:
    lab.run("INSERT INTO dramatiq.worker (host, pid, threads, queues) VALUES ('h', 1, 1, '{trial}')")
    lab.enqueue("note", key="a")
    assert lab.value("SELECT workers FROM dramatiq.overview") == []


@pytest.mark.parametrize("role", ["learning_platform", "learning_admin"])
@pytest.mark.parametrize("statement", ["SELECT message FROM dramatiq.queue", "SELECT dramatiq.enqueue('q', 'a', '{}')"])
def test_only_the_worker_may_touch_the_queue_itself(lab: Lab, role: str, statement: str) -> None:
    lab.run(f"SET ROLE {role}")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        lab.run(statement)


def test_a_process_uses_at_most_three_connections_beside_those_of_its_threads(lab: Lab) -> None:
    threads = 3
    with lab.worker(threads=threads):
        for number in range(threads):
            lab.enqueue("gate", key=str(number))
            lab.started(str(number))
            lab.open(str(number))
        lab.empty()
        lab.enqueue("sending", key="a")
        lab.ran("a")
        count = lab.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert threads < count <= threads + 3


def test_our_sessions_keep_failing_statements_out_of_the_server_log(lab: Lab) -> None:
    session = Session(Target(lab.worker_url), "test")
    with session.connection().cursor() as cursor:
        for setting, value in (("log_min_error_statement", "panic"), ("application_name", "learning-worker test")):
            cursor.execute(f"SHOW {setting}")
            assert cursor.fetchone() == (value,)
    session.close()


#: An hour of six messages a second, in parts, and what waits all the time beside them.
PARTS, PART, BACKLOG = 8, 2700, 100_000


def test_the_claim_index_stays_small_under_a_sustained_load(vacuumed_lab: Lab) -> None:
    """By itself, in front of a backlog: a share of that would be a day's work for a vacuum that counts in shares."""
    lab, sizes, vacuums = vacuumed_lab, [], 0
    lab.run("SELECT dramatiq.enqueue('nobody serves this', 'nothing', '{}') FROM generate_series(1, %s)", BACKLOG)
    lab.run("ANALYZE dramatiq.queue")
    with lab.worker(threads=4):
        for _ in range(PARTS):
            lab.run("SELECT dramatiq.enqueue('trial', 'nothing', '{}') FROM generate_series(1, %s)", PART)
            lab.until("SELECT count(*) = %s FROM dramatiq.queue", BACKLOG, within=60)
            lab.until(
                "SELECT autovacuum_count > %s AND n_dead_tup < 1000 FROM pg_stat_user_tables WHERE relname = 'queue'",
                vacuums,
                within=60,
            )
            vacuums = lab.value("SELECT autovacuum_count FROM pg_stat_user_tables WHERE relname = 'queue'")
            sizes.append(lab.value("SELECT pg_relation_size('dramatiq.queue_ready_in_claim_order')"))
    grown = (sizes[-1] - sizes[0]) / 8192
    assert grown <= 45  # pages; seven parts fill ninety, unless they are used again


def test_the_document_lists_every_storage_setting_of_the_table(lab: Lab) -> None:
    options = lab.run(
        "SELECT kind || name, value FROM pg_class AS main JOIN pg_class AS toast ON toast.oid = main.reltoastrelid,"
        " LATERAL (VALUES ('', main.reloptions), ('toast.', toast.reloptions)) AS each (kind, list),"
        " LATERAL (SELECT split_part(o, '=', 1), split_part(o, '=', 2) FROM unnest(list) AS o) AS option (name, value)"
        " WHERE main.oid = 'dramatiq.queue'::regclass"
    )
    lines = (ROOT / "docs" / "broker.md").read_text(encoding="utf-8").splitlines()
    assert len(options) == 9
    for name, value in options:
        assert [line for line in lines if f"`{name}`" in line and f"| {value}" in line], (name, value)
