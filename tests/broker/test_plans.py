"""The plans of the hot statements at 100 000 rows: the intended index, and no more rows than the work needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from postgres_queue.connection import Session, Target
from postgres_queue.prepared import prepared
from postgres_queue.statements import STATEMENTS
from tests.broker.lab import Lab
from tests.conftest import TEMPLATE

ROWS = 100_000

FILL = """
INSERT INTO dramatiq.queue (message_id, queue_name, state, message)
SELECT gen_random_uuid(), CASE n %% 2 WHEN 0 THEN 'trial' ELSE 'other' END, 'queued', jsonb_build_object('n', n)
FROM generate_series(1, %(rows)s) AS n;
UPDATE dramatiq.queue SET state = 'consumed', owner = position %% 4 WHERE position %% 10000 = 0;
UPDATE dramatiq.queue SET state = 'queued', delayed = true, due_at = now() + position * interval '1 s' - interval '1 h'
WHERE position %% 10 = 1;
UPDATE dramatiq.queue SET state = 'rejected', mtime = now() - position * interval '1 min' WHERE position %% 100 = 2;
"""

#: Statement → its parameters, the indexes it may use on the queue, and the most rows it may read from any of them.
HOT: dict[str, tuple[dict[str, Any], set[str], int]] = {
    "turn": (
        {"owner": 1, "done_ids": [], "done_deliveries": [], "queues": ["trial", "other"], "look": 36, "free": 4},
        # Finished rows are found by id, or among the few in progress: which is cheaper depends on the sample taken.
        {"queue_ready_in_claim_order", "queue_pkey", "queue_in_progress_by_owner"},
        36,
    ),
    "promote": ({"batch": 100}, {"queue_delayed_by_due_time", "queue_pkey"}, 100),
    "held": ({"owner": 1}, {"queue_in_progress_by_owner"}, 10),
    "absent": ({"owner": 1}, {"queue_in_progress_by_owner"}, 10),
    "rescue": ({"dead": 2, "beat": None}, {"queue_in_progress_by_owner"}, 10),
    "put_back": (
        {"owner": 1, "ids": [], "deliveries": [], "afters": [], "reasons": []},
        {"queue_pkey"},
        1,
    ),
    "reject": ({"owner": 1, "ids": [], "deliveries": [], "reasons": []}, {"queue_pkey"}, 1),
    "drop_rejected": ({"days": 30, "batch": 50}, {"queue_state_mtime_idx", "queue_pkey"}, 50),
    "drop_done": ({"batch": 50}, {"queue_state_mtime_idx", "queue_pkey"}, 50),
}


@pytest.fixture(scope="module")
def filled(postgres: Any) -> Iterator[str]:
    """A database with a full queue, shared by the tests of this file, which change nothing."""
    from submissions.store.connection import Role  # noqa: PLC0415

    name = "learning_test_plans"
    postgres.create(name, TEMPLATE)
    lab = Lab(postgres.url(name), postgres.url(name, Role.WORKER))
    with lab.cursor() as cursor:
        cursor.execute("ALTER TABLE dramatiq.queue DISABLE TRIGGER USER")
        cursor.execute(FILL, {"rows": ROWS})
        cursor.execute("ALTER TABLE dramatiq.queue ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE dramatiq.queue")
    lab.close()
    yield postgres.url(name, Role.WORKER)
    postgres.drop(name)


def _scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node.get("Relation Name") == "queue" or "Index Name" in node:
        yield node
    for child in node.get("Plans", []):
        yield from _scans(child)


@pytest.mark.parametrize("pooled", [False, True], ids=["own session", "pooled session"])
@pytest.mark.parametrize("statement", HOT)
def test_a_hot_statement_reads_only_what_it_needs(filled: str, statement: str, pooled: bool) -> None:
    values, indexes, most = HOT[statement]
    session = Session(Target(filled, pooled=pooled), "test")
    with session.connection().cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {STATEMENTS[statement]}", values)
        ((plan,),) = cursor.fetchall()
        cursor.execute("ROLLBACK")
    session.close()
    _reads_only(plan, indexes, most)


def test_a_claim_planned_while_the_queue_was_empty_suits_a_full_one(lab: Lab) -> None:
    values, indexes, most = HOT["turn"]
    limits = {name: values[name] for name in ("look", "free")}
    others = {name: value for name, value in values.items() if name not in limits}
    session = Session(Target(lab.worker_url), "test")
    session.run_prepared("turn", limits, **others)
    with lab.cursor() as cursor:
        cursor.execute(FILL, {"rows": ROWS})
    with session.connection().cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {prepared('turn', limits).execute}", others)
        ((plan,),) = cursor.fetchall()
    session.close()
    _reads_only(plan, indexes, most)


def _reads_only(plan: Any, indexes: set[str], most: int) -> None:
    """No other index than these, no sequential scan, and not many more rows than these from any index."""
    scans = [each for each in _scans(plan[0]["Plan"]) if each["Node Type"] not in ("ModifyTable", "LockRows")]
    used = {each["Index Name"] for each in scans if each.get("Index Name", "").startswith("queue_")}
    assert used <= indexes, json.dumps(plan, indent=1)
    assert used, "no index of the queue at all"
    assert not [each for each in scans if each["Node Type"] == "Seq Scan" and each["Relation Name"] == "queue"]
    assert max(each["Actual Rows"] * each["Actual Loops"] for each in scans if "Index Name" in each) <= most * 2
