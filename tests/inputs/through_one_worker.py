"""What becomes of every input in one real worker with two threads, with sound texts among the bad ones.

Each submission has a priority of its own, so that all its units come before those of the next: while one thread draws
a page, the other judges the next text.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelserver.testing import ScriptedServer
from scripts.dev_postgres import DevPostgres
from submissions.lifecycle import ErrorCode
from submissions.store.connection import Role
from submissions.store.hand_in import NewFile, NewSubmission, submit
from tests.conftest import TEMPLATE
from tests.factories import STUDENT, TASK, hand_in_text, rows
from tests.inputs.case import Case
from tests.inputs.images import sound
from tests.waiting import until
from tests.worker.memory import Growth
from tests.worker.processes import ROOT, Worker, surroundings

OPENER_MEMORY_MIB = 384
#: Tighter than the defaults, so that what exceeds them does it soon. The clock is not: machines may be busy.
LIMITS = {
    "LEARNING_OPENER_MEMORY_MIB": str(OPENER_MEMORY_MIB),
    "LEARNING_OPENER_CPU_SECONDS": "4",
    # Whether a pattern that holds itself comes to an end hangs on the size at which the page is drawn.
    "AI_VISION_MAX_PIXELS": "4000000",
    "LEARNING_OPENER_SECONDS": "600",
    "LEARNING_MAX_UPLOAD_BYTES": str(10 * 1024 * 1024 - 1),
    "WORKER_CONCURRENCY": "2",
}
#: Longest time that all may take, in seconds.
PATIENCE = 900.0

UNENDED = "SELECT count(*) FROM learning_submissions WHERE analysis_status IN ('pending', 'extracted')"
#: By name: status, code, and how its last run ended.
ENDS = """
SELECT DISTINCT ON (s.id) s.idempotency_key, s.analysis_status, s.error_code, w.reason, a.verdict
FROM learning_submissions s
JOIN learning_work w ON w.submission_id = s.id
JOIN learning_attempts a ON a.submission_id = s.id
WHERE s.idempotency_key IS NOT NULL
ORDER BY s.id, a.claimed_at DESC
"""
#: Texts, those of them that are completed, and those that were judged while a bad input was being opened or drawn.
TEXTS = """
SELECT count(*), count(*) FILTER (WHERE s.analysis_status = 'completed'), count(*) FILTER (WHERE EXISTS (
    SELECT FROM learning_attempts AS bad
    WHERE bad.verdict = 'discard' AND bad.claimed_at < good.claimed_at AND bad.ended_at > good.ended_at
))
FROM learning_submissions AS s JOIN learning_attempts AS good ON good.submission_id = s.id WHERE s.kind = 'text'
"""


@dataclass(frozen=True)
class Told:
    """`ends`: (status, error code, reason, verdict) by name. `asked`: model calls about pages of bad inputs.

    `texts`: all, completed, judged beside a bad input. `workers`: processes before and after. Memory is in bytes:
    `grown`, by what master and worker were larger than before; `child`, the largest process that opens one.
    """

    ends: dict[str, tuple[str, ...]]
    asked: list[dict[str, Any]]
    texts: tuple[Any, ...]
    workers: tuple[list[int], list[int]]
    grown: int
    child: int


def told_of(
    bad: Sequence[Case], strange: Mapping[str, Callable[[], bytes]], postgres: DevPostgres, folder: Path
) -> Told:
    """Hand in the bad ones, with texts among them; when they have ended, the strange ones."""
    with a_database(postgres) as database, ScriptedServer() as server:
        owner_url, platform_url = postgres.url(database), postgres.url(database, Role.PLATFORM)
        environment = {**surroundings(postgres.url(database, Role.WORKER), server.url, folder), **LIMITS}
        place = Place(platform_url, folder / "storage")
        with Worker(environment) as worker:
            place.hand_in(None, sound("PNG"), -1)
            hand_in_text(platform_url)
            wait_for_the_end(owner_url, worker)
            growth, workers = Growth(worker), worker.pids()
            server.forget_requests()
            for number, case in enumerate(bad):
                place.hand_in(case.name, case.content(), number)
                if case.error_code is ErrorCode.INPUT_TOO_LARGE:
                    hand_in_text(platform_url, f"Text {number}", priority=number)
            wait_for_the_end(owner_url, worker)
            asked = server.requests(has_images=True)
            for name, content in strange.items():
                place.hand_in(name, content(), 0)
            wait_for_the_end(owner_url, worker)
            told = Told(
                ends={name: tuple(end) for name, *end in rows(owner_url, ENDS)},
                asked=asked,
                texts=rows(owner_url, TEXTS)[0],
                workers=(workers, worker.pids()),
                grown=growth.bytes(),
                child=largest_of_children(place.storage / "inputs"),
            )
    return told


@contextmanager
def a_database(postgres: DevPostgres) -> Iterator[str]:
    name = f"learning_test_inputs_{os.getpid()}"
    postgres.create(name, TEMPLATE)
    yield name
    postgres.drop(name)


@dataclass(frozen=True)
class Place:
    """Hands in as a platform does: past what our own command looks at before."""

    platform_url: str
    storage: Path

    def hand_in(self, name: str | None, content: bytes, priority: int) -> None:
        key = f"inputs/{hashlib.sha256(content).hexdigest()}"
        (self.storage / "inputs").mkdir(parents=True, exist_ok=True)
        (self.storage / key).write_bytes(content)
        submit(self.platform_url, submission_of(name, key, content, priority))


def submission_of(name: str | None, key: str, content: bytes, priority: int = 0) -> NewSubmission:
    file = NewFile(key, "application/pdf", len(content), hashlib.sha256(content).hexdigest())
    return NewSubmission(student_sub=STUDENT, task=TASK, files=[file], idempotency_key=name, priority=priority)


def wait_for_the_end(owner_url: str, worker: Worker) -> None:
    def ended() -> bool:
        assert worker.process.poll() is None, "the worker has died"
        return rows(owner_url, UNENDED) == [(0,)]

    until(ended, "the end of all submissions", PATIENCE, pause=0.2)


def largest_of_children(documents: Path) -> int:
    """Once more all of them, for the size of the processes that open them."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.inputs.largest_child", str(documents)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **LIMITS},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)
