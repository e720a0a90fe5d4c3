"""A short chaos run by a seed, and that its claims can fail: held against evidence that was tampered with."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from chaos.model_server import KINDS, LOG
from chaos.plan import SHORT, WHOLE, drawn
from chaos.postgres import DATABASE, Postgres
from modelserver.scripted.faults import FAULTS
from tests.worker.processes import ROOT

#: The run takes about a minute; a busy machine may take its time.
BOUND = 420

ONE_READ = "(submission_id, page) = (SELECT submission_id, page FROM learning_pages WHERE text_md <> '' LIMIT 1)"
ONE_COMPLETED = "id = (SELECT id FROM learning_submissions WHERE analysis_status = 'completed' LIMIT 1)"

#: What was done to the database afterwards, and the claim that has to notice.
TAMPERED = {
    "a submission is gone": (f"DELETE FROM learning_submissions WHERE {ONE_COMPLETED}", "every submission is there"),
    "a submission is pending": (
        f"UPDATE learning_submissions SET analysis_status = 'pending', analysis_json = NULL WHERE {ONE_COMPLETED}",
        "those without poison are completed",
    ),
    "the reason is another": (
        "UPDATE learning_work SET reason = 'attempts_used_up' WHERE reason = 'crashed_repeatedly'",
        "the poisoned ones have failed",
    ),
    "a claim has no run": (
        f"UPDATE learning_units SET claim = claim + 1 WHERE step = 'read' AND {ONE_READ}",
        "the runs of each unit are claims 1, 2, 3",
    ),
    "a page was stored by two runs": (
        "INSERT INTO learning_attempts (submission_id, step, page, claim, student_sub, worker, waited_ms, ended_at,"
        " verdict) SELECT submission_id, step, page, claim + 1, student_sub, worker, 0, now(), 'done'"
        f" FROM learning_attempts WHERE step = 'read' AND verdict = 'done' AND {ONE_READ}",
        "no effect was applied twice",
    ),
    "an attempt was spent": (
        f"UPDATE learning_units SET spent = spent + 1 WHERE step = 'read' AND {ONE_READ}",
        "each attempt that is spent",
    ),
    "a retry was not counted": (
        "UPDATE learning_submissions SET vision_attempts = vision_attempts + 1 WHERE kind <> 'text'",
        "the platform's count",
    ),
    "a page stands in the text twice": (
        "UPDATE learning_submissions SET text_body = text_body || text_body WHERE kind <> 'text' AND text_body <> ''",
        "no page was stored twice",
    ),
    "a text that nobody said": (
        f"UPDATE learning_pages SET text_md = 'Text of page 00000000.' WHERE {ONE_READ}",
        "the text of each page is what the model server said",
    ),
    "a page was read after feedback": (
        "UPDATE learning_attempts SET claimed_at = now(), ended_at = now() WHERE step = 'read' AND verdict = 'done'"
        f" AND {ONE_READ}",
        "no Feedback retry called Vision",
    ),
    "an outage spent an attempt": (
        # All of them: a single one may have met a fault of the model server as well.
        "UPDATE learning_attempts SET verdict = 'retry' WHERE (submission_id, step, page, claim) IN"
        " (SELECT submission_id, step, page, claim FROM learning_attempts a JOIN learning_submissions s"
        " ON s.id = a.submission_id WHERE s.analysis_status = 'completed' AND a.verdict IN ('snooze', 'lost')"
        " AND a.reason IN ('worker_stopping', 'connection_refused', 'worker_died'))",
        "every attempt that was spent for nothing met a fault",
    ),
    "a message is left": ("SELECT dramatiq.enqueue('vision', 'vision', '{}')", "no message is left"),
    "a unit is said to run": (
        "UPDATE learning_units SET state = 'running', ended_at = NULL, message_id = gen_random_uuid(),"
        f" claimed_at = now() WHERE step = 'read' AND {ONE_READ}",
        "nothing is in flight",
    ),
    "a kill was left out": (
        "UPDATE chaos.happened SET ended = NULL WHERE what = 'worker killed'",
        "what was planned was done",
    ),
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """What a short run has left behind. It held its claims."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    command = [sys.executable, "-m", "chaos", "run", "--short", "--seed", "1", "--keep", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=BOUND)
    print(done.stdout, done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def postgres(folder: Path) -> Iterator[Postgres]:
    postgres = Postgres(folder)
    yield postgres
    postgres.stop()


@pytest.fixture
def copy(postgres: Postgres) -> Iterator[str]:
    """A copy of the database, to be tampered with."""
    _run(postgres.url().replace(f"/{DATABASE}?", "/postgres?"), f"CREATE DATABASE copy TEMPLATE {DATABASE}")
    yield postgres.url().replace(f"/{DATABASE}?", "/copy?")
    _run(postgres.url().replace(f"/{DATABASE}?", "/postgres?"), "DROP DATABASE copy WITH (FORCE)")


def _run(url: str, statement: str) -> int:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        touched = cursor.rowcount
    connection.close()
    return touched


def verified(url: str, log: Path) -> tuple[int, str]:
    """Exit code, and the claims that do not hold."""
    command = [sys.executable, "-m", "chaos", "verify", url, str(log)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, "\n".join(line for line in done.stdout.splitlines() if line.startswith("FAIL"))


def test_a_short_run_holds_its_claims(folder: Path, copy: str) -> None:
    assert verified(copy, folder / LOG) == (0, "")


@pytest.mark.parametrize("what", TAMPERED)
def test_a_claim_fails_where_the_database_was_tampered_with(folder: Path, copy: str, what: str) -> None:
    statement, claim = TAMPERED[what]
    assert _run(copy, statement) > 0
    code, failed = verified(copy, folder / LOG)
    assert code == 1
    assert f"FAIL {claim}" in failed


@pytest.fixture
def records(folder: Path) -> list[dict[str, Any]]:
    """What the model server was asked."""
    return [json.loads(line) for line in (folder / LOG).read_text(encoding="utf-8").splitlines()]


def written(records: list[dict[str, Any]], folder: Path) -> Path:
    log = folder / LOG
    log.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return log


def page_read(records: list[dict[str, Any]]) -> dict[str, Any]:
    return next(each for each in records if each["has_images"] and each["outcome"] == "done" and each["tokens"] > 1)


def test_a_claim_fails_where_a_page_was_asked_for_again(
    records: list[dict[str, Any]], copy: str, tmp_path: Path
) -> None:
    again = {**page_read(records), "received": records[-1]["ended"] + 60, "ended": records[-1]["ended"] + 61}
    code, failed = verified(copy, written([*records, again], tmp_path))
    assert code == 1
    assert "FAIL the text of each page" in failed and "FAIL no Feedback retry called Vision" in failed


@pytest.mark.parametrize("has_images", [True, False])
def test_a_claim_fails_where_an_answer_was_had_twice(
    records: list[dict[str, Any]], copy: str, tmp_path: Path, has_images: bool
) -> None:
    twice = [each for each in records if each["outcome"] == "done" and each["has_images"] is has_images]
    code, failed = verified(copy, written([*records, *twice], tmp_path))
    assert code == 1
    assert "FAIL the model's answer to each page and each feedback is had once" in failed


def test_a_ninth_of_faults_is_enough_for_a_short_run_and_not_for_a_whole_one(
    records: list[dict[str, Any]], copy: str, tmp_path: Path
) -> None:
    kinds = itertools.cycle(sorted(KINDS))
    more = [
        {
            **page_read(records),
            "image_sha256": [f"{number:08x}"],
            "outcome": "done" if number % 9 else f"fault {next(kinds)}",
        }
        for number in range(900)
    ]
    log = written([*records, *more], tmp_path)
    assert verified(copy, log) == (0, "")
    more_handed_in = "INSERT INTO chaos.handed_in SELECT 'more ' || n, 'text', 0, 'none' FROM generate_series(1, %d) n"
    _run(copy, more_handed_in % (WHOLE.submissions - SHORT.submissions))
    assert "FAIL the model server failed at a share" in verified(copy, log)[1]


def test_it_deals_every_kind_of_fault_that_the_scripted_server_knows() -> None:
    assert set(FAULTS) == KINDS


@pytest.mark.parametrize("size", [SHORT, WHOLE])
def test_a_seed_repeats_the_plan(size: object) -> None:
    assert drawn(3, size) == drawn(3, size) != drawn(4, size)  # type: ignore[arg-type]
