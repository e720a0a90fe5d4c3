"""`python -m bench.pages`: how much sooner is a document of ten pages read by four threads?

One document, whose pages a model has to read, is handed to workers of three sizes. The scripted model server takes
`PAGE_SECONDS` for a page and has one slot for each thread. Counted is the time from handing in until the last page is
stored: opening the document and drawing its pages are in it. Nothing is judged by it but the command's own exit code.
Exit codes: 0, 1 if four threads took more than `ALLOWED` of the time of one, or if pages never came.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from reportlab.pdfgen.canvas import Canvas

from bench.broker.processes import Tree
from bench.models import FOLDER
from chaos.root import ROOT, procfile
from modelserver.testing import ScriptedServer
from scripts.dev_postgres import DevPostgres
from submissions import handin
from submissions.settings import load
from submissions.store.connection import Role
from submissions.store.hand_in import NewSubmission
from submissions.task import TaskContext

PAGES = 10
PAGE_SECONDS = 2.0
#: Share of one thread's time: three rounds of pages instead of ten are 0.3.
ALLOWED = 0.35
#: Processes and threads of each.
ONE, FOUR = (1, 1), ((1, 4), (2, 2))
DATABASE = "bench_pages"
#: For a document, in seconds.
PATIENCE = 120.0

#: Of a submission that has ended: seconds from handing in to the last page.
READ = """
SELECT extract(epoch FROM max(p.stored_at) - w.accepted_at)::float
FROM learning_work AS w JOIN learning_pages AS p USING (submission_id)
WHERE submission_id = %s AND w.ended_at IS NOT NULL GROUP BY w.accepted_at
"""


def main() -> int:
    postgres = DevPostgres.start(FOLDER / "postgres")
    try:
        alone = seconds(postgres, *ONE)
        shares = [seconds(postgres, *size) / alone for size in FOUR]
    except TimeoutError as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        Tree.kill_all()
        postgres.stop()
    print(f"of one thread's time: {', '.join(f'{share:.3f}' for share in shares)}; allowed are {ALLOWED}")
    return int(max(shares) > ALLOWED)


def seconds(postgres: DevPostgres, processes: int, threads: int) -> float:
    """What a worker of this size takes for the document."""
    slots = processes * threads
    with (
        tempfile.TemporaryDirectory() as name,
        ScriptedServer(num_parallel=slots) as server,
        empty_database(postgres),
    ):
        folder = Path(name)
        server.rules([{"match": {"has_images": True}, "action": {"delay": PAGE_SECONDS}}])
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATABASE_URL": postgres.url(DATABASE, Role.WORKER),
            "OLLAMA_BASE_URL": server.url,
            "AI_VISION_MODEL": "scripted-vision",
            "AI_FEEDBACK_MODEL": "scripted-text",
            "STORAGE_URL": f"file:{folder}/storage",
            "WORKER_CACHE_DIR": f"{folder}/cache",
            "WORKER_PROCESSES": str(processes),
            "WORKER_CONCURRENCY": str(threads),
        }
        worker = Tree.start(
            ["sh", "-c", procfile("worker")], folder=ROOT, environment=environment, output=folder / "worker.log"
        )
        read(postgres, environment, drawn(folder / "first.pdf", slots))  # a worker that is cold has much to import
        taken = read(postgres, environment, drawn(folder / "pages.pdf", PAGES))
        worker.kill()
    print(f"{processes} × {threads}, {slots} slot(s): {PAGES} pages in {taken:.2f} s", flush=True)
    return taken


@contextmanager
def empty_database(postgres: DevPostgres) -> Iterator[None]:
    postgres.create(DATABASE)
    postgres.migrate(DATABASE)
    yield
    postgres.drop(DATABASE)


def read(postgres: DevPostgres, environment: dict[str, str], document: Path) -> float:
    """Hand a document in; the seconds until its last page was stored. Raises TimeoutError."""
    settings = load({**environment, "DATABASE_URL": postgres.url(DATABASE, Role.PLATFORM)})
    new = NewSubmission(student_sub="pupil", task=TaskContext("Beschreibe, was du siehst."))
    submission_id = handin.submit_files(settings, new, [document])
    connection = psycopg2.connect(postgres.url(DATABASE))
    connection.autocommit = True
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(READ, [str(submission_id)])
            for (taken,) in cursor.fetchall():
                connection.close()
                return float(taken)
            time.sleep(0.2)
    raise TimeoutError(f"{document.name} was not read within {PATIENCE:g} s")


def drawn(path: Path, pages: int) -> Path:
    """Pages with a stroke of the pen, each of them another."""
    canvas = Canvas(str(path))
    for page in range(pages):
        canvas.setLineWidth(3)
        canvas.bezier(100, 700, 200, 760 - 3 * page, 300, 620, 420, 700 - 4 * page)
        canvas.showPage()
    canvas.save()
    return path


if __name__ == "__main__":
    sys.exit(main())
