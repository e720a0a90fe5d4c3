import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from submissions.documents import process
from submissions.documents.errors import OpenerFailed, Reason
from submissions.documents.limits import Limits
from submissions.documents.media_type import MediaType
from submissions.documents.opener import render_page
from tests.documents.making import save_endless_pdf

PATIENCE = 20.0  # seconds, for a loaded machine; nothing here takes a tenth of it


def run_python(program: str, document: Path, *, wall_seconds: float = PATIENCE, answer_bytes: int = 1000) -> bytes:
    with document.open("rb") as stream:
        return process.run(
            [sys.executable, "-I", "-c", program], stream, wall_seconds=wall_seconds, answer_bytes=answer_bytes
        )


def children_of(pid: int) -> list[int]:
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for children in lists for child in children.read_text().split()]


def opener_of(pid: int) -> int:
    """Wait until a process has a child that opens a document."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for child in children_of(pid):
            if b"submissions.documents.child" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
        os.sched_yield()
    raise AssertionError("the child process did not start")


@pytest.fixture
def no_child_is_left() -> Iterator[None]:
    """Earlier tests may have left a helper of their own, such as multiprocessing's tracker."""
    before = set(children_of(os.getpid()))
    yield
    assert set(children_of(os.getpid())) - before == set()


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "document"
    file.write_bytes(b"what the pupil handed in")
    return file


def test_a_child_is_given_the_document_and_its_answer_is_taken(document: Path) -> None:
    answer = run_python("import sys; sys.stdout.write(sys.stdin.read().upper())", document)

    assert answer == b"WHAT THE PUPIL HANDED IN"


def test_a_child_knows_nothing_of_the_workers_environment(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://learning_worker:secret@db/school")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/python/lib")

    answer = run_python("import json, os; print(json.dumps(dict(os.environ)))", document)

    assert json.loads(answer).keys() - {"LC_CTYPE"} == {"LD_LIBRARY_PATH"}  # Python itself sets LC_CTYPE


def test_a_child_has_a_session_of_its_own_so_that_signals_to_the_workers_group_miss_it(document: Path) -> None:
    assert run_python("import os; print(os.getsid(0) == os.getpid())", document) == b"True\n"


def test_what_a_child_says_on_standard_error_is_not_shown(document: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run_python("import sys; print('the text of a pupil', file=sys.stderr)", document)

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "program",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "raise MemoryError",
        "print('half an answer', flush=True); import os; os._exit(1)",
    ],
)
def test_a_child_that_dies_is_told_apart_from_a_bad_document(document: Path, program: str) -> None:
    with pytest.raises(OpenerFailed) as caught:
        run_python(program, document)

    assert caught.value.reason is Reason.OPENER_DIED


@pytest.mark.parametrize(
    "program",
    [
        "import signal; signal.pause()",
        "import os, signal; os.close(1); signal.pause()",
        "print('an answer', flush=True); import signal; signal.pause()",
    ],
    ids=["silent", "without an output", "that does not end"],
)
@pytest.mark.usefixtures("no_child_is_left")
def test_a_child_that_hangs_is_ended_when_its_time_is_up(document: Path, program: str) -> None:
    with pytest.raises(OpenerFailed) as caught:
        run_python(program, document, wall_seconds=0.2)

    assert caught.value.reason is Reason.OPENER_TIMEOUT


@pytest.mark.usefixtures("no_child_is_left")
def test_a_child_that_prints_without_end_is_ended(document: Path) -> None:
    with pytest.raises(OpenerFailed) as caught:
        run_python("import sys\nwhile True: sys.stdout.write('x' * 9999)", document)

    assert caught.value.reason is Reason.OPENER_GARBLED


@pytest.mark.usefixtures("no_child_is_left")
def test_a_page_that_would_take_for_ever_costs_no_more_than_its_time(tmp_path: Path) -> None:
    with pytest.raises(OpenerFailed) as caught:
        render_page(save_endless_pdf(tmp_path / "a.pdf"), MediaType.PDF, 0, limits=Limits(wall_seconds=1.5))

    assert caught.value.reason is Reason.OPENER_TIMEOUT


def test_an_opener_that_is_killed_at_work_is_reported_as_dead(tmp_path: Path) -> None:
    document = save_endless_pdf(tmp_path / "a.pdf")
    with ThreadPoolExecutor(1) as thread:
        page = thread.submit(render_page, document, MediaType.PDF, 0)
        os.kill(opener_of(os.getpid()), signal.SIGKILL)

        with pytest.raises(OpenerFailed) as caught:
            page.result(PATIENCE)

    assert caught.value.reason is Reason.OPENER_DIED


@pytest.fixture
def worker_at_an_endless_page(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    document = save_endless_pdf(tmp_path / "a.pdf")
    program = (
        "import sys, pathlib\n"
        "from submissions.documents.opener import render_page\n"
        "from submissions.documents.media_type import MediaType\n"
        "render_page(pathlib.Path(sys.argv[1]), MediaType.PDF, 0)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(document)], stderr=subprocess.DEVNULL) as worker:
        yield worker
        worker.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="a parent-death signal is a thing of Linux")
def test_an_opener_does_not_outlive_a_worker_that_was_killed(
    worker_at_an_endless_page: subprocess.Popen[bytes],
) -> None:
    child = opener_of(worker_at_an_endless_page.pid)
    child_ends = os.pidfd_open(child)
    try:
        worker_at_an_endless_page.kill()

        assert select.select([child_ends], [], [], PATIENCE)[0] == [child_ends]
    finally:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(child_ends, signal.SIGKILL)
        os.close(child_ends)


def test_an_opener_can_leave_neither_a_file_nor_a_core_dump_behind(tmp_path: Path) -> None:
    program = (
        "import resource, sys\n"
        "from submissions.documents import limits\n"
        "limits.apply(limits.Limits())\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), flush=True)\n"
        "open(sys.argv[1], 'wb', buffering=0).write(b'the text of a pupil')\n"
    )
    file = tmp_path / "left-behind"

    child = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, check=False, text=True)

    assert child.stdout == "(0, 0)\n"
    assert "File too large" in child.stderr
    assert file.read_bytes() == b""


def test_the_worker_itself_never_loads_a_decoder() -> None:
    program = "import submissions.documents.opener, sys; print({'PIL', 'pypdfium2'} & set(sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)

    assert loaded.stdout == "set()\n"
