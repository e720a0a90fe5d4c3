"""The command line as people use it: what it prints, its exit codes, and one line for whatever is wrong."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from scripts.dev_postgres import DevPostgres
from submissions.cli import main
from submissions.lifecycle import PageSource, Step
from submissions.store.work import Unit
from tests.factories import claimed, hand_in_files, messages, opened, page_of, read, rows, work_store
from tests.waiting import until

TASK = "instruction: Schreibe.\ncriteria: [Inhalt, Form]\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command as somebody who has the owner's login, in a folder of his own."""
    monkeypatch.setenv("DATABASE_URL", owner_url)
    monkeypatch.setenv("STORAGE_URL", f"file:{tmp_path}/storage")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "task.yaml").write_text(TASK)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[], list[Path]]:
    """The files that lie in the storage."""
    return lambda: [path for path in (tmp_path / "storage").rglob("*") if path.is_file()]


def submit_text(run: Run) -> UUID:
    code, out, _ = run("submit", "--text", "Mein Text.", "--task", "task.yaml")
    assert code == 0
    return UUID(out.strip())


def test_submit_prints_the_id_alone_and_json_when_asked(run: Run, owner_url: str) -> None:
    submit_text(run)
    code, out, _ = run("submit", "--text", "Noch einer.", "--task", "task.yaml", "--json")
    assert code == 0
    UUID(json.loads(out)["submission_id"])
    assert len(messages(owner_url)) == 2


def test_files_go_into_the_storage_once_per_key(
    run: Run, stored: Callable[[], list[Path]], tmp_path: Path, owner_url: str
) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    arguments = ("submit", "a.png", "a.png", "--task", "task.yaml", "--idempotency-key", "k")
    first, again = run(*arguments), run(*arguments)
    assert first == again
    assert len(stored()) == 2
    assert rows(owner_url, "SELECT count(*) FROM learning_files") == [(2,)]
    assert all(path.read_bytes() == PNG for path in stored())


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.docx", b"PK\x03\x04 something", "is not a JPEG, PNG, WebP, HEIC, TIFF or PDF"),
        ("a.png", b"", "is empty"),
        ("a.png", PNG + b"\0" * 2000, "has 2108 bytes; the limit is 1000"),
    ],
)
def test_a_file_that_nobody_could_work_is_refused_and_nothing_is_stored(
    run: Run,
    stored: Callable[[], list[Path]],
    tmp_path: Path,
    owner_url: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
    told: str,
) -> None:
    monkeypatch.setenv("LEARNING_MAX_UPLOAD_BYTES", "1000")
    (tmp_path / "good.png").write_bytes(PNG)
    (tmp_path / name).write_bytes(content)
    refused(run("submit", "good.png", name, "--task", "task.yaml"), 3, told)
    assert stored() == []
    assert rows(owner_url, "SELECT count(*) FROM learning_submissions") == [(0,)]


def refused(result: tuple[int, str, str], code: int, told: str) -> None:
    """The code, one line on standard error that holds `told`, nothing on standard output."""
    assert result[0] == code, result
    assert told in result[2]
    assert result[2].count("\n") == 1
    assert result[1] == ""


def test_what_the_database_refuses_takes_its_files_back_out_of_the_storage(
    run: Run, stored: Callable[[], list[Path]], tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    refused(run("submit", "a.png", "--task", "task.yaml", "--idempotency-key", "k" * 65), 3, "1 to 64 characters")
    assert stored() == []


def test_files_stay_where_nobody_can_say_whether_the_submission_was_stored(
    run: Run, stored: Callable[[], list[Path]], tmp_path: Path, owner_url: str
) -> None:
    rows(
        owner_url,
        "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
        " CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON learning_submissions DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION hang_up(); ALTER FUNCTION hang_up SECURITY DEFINER",
    )
    (tmp_path / "a.png").write_bytes(PNG)
    refused(run("submit", "a.png", "--task", "task.yaml"), 6, "the connection to Postgres was lost")
    assert len(stored()) == 1


def test_a_pdf_behind_stray_bytes_is_taken_as_the_worker_reads_it(run: Run, tmp_path: Path, owner_url: str) -> None:
    (tmp_path / "a.pdf").write_bytes(b"\n" * 128 + b"%PDF-1.7\n")
    assert run("submit", "a.pdf", "--task", "task.yaml")[0] == 0
    assert rows(owner_url, "SELECT mime_type FROM learning_files") == [("application/pdf",)]


def test_text_on_standard_input_is_utf_8_whatever_the_terminal_says(
    run: Run, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("Grüße".encode()), encoding="ascii"))
    assert run("submit", "--text", "-", "--task", "task.yaml")[0] == 0
    assert rows(owner_url, "SELECT text_body FROM learning_submissions") == [("Grüße",)]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Gr\xfc\xdfe"), encoding="utf-8"))
    refused(run("submit", "--text", "-", "--task", "task.yaml"), 3, "not valid UTF-8")


@pytest.mark.parametrize(
    ("task", "told"),
    [('{"instruction": "a\\u0000b"}', "NUL"), ('{"instruction": "x", "criteria": ["\\ud83d"]}', "not valid UTF-8")],
)
def test_a_task_that_postgres_cannot_store_is_refused_in_words(run: Run, tmp_path: Path, task: str, told: str) -> None:
    (tmp_path / "task.json").write_text(task)
    refused(run("submit", "--text", "x", "--task", "task.json"), 3, told)


@pytest.mark.parametrize(
    "arguments",
    [("list", "--limit", "-1"), ("submit", "--text", "x", "--task", "task.yaml", "--priority", "9999999999")],
)
def test_a_number_out_of_bounds_is_wrong_use(
    run: Run, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        run(*arguments)
    assert leaving.value.code == 2
    assert "is not a whole number from" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("submit", "none.png", "--task", "task.yaml"), 3, "cannot be read"),
        (("submit", "--task", "task.yaml"), 3, "either FILEs or --text"),
        (("submit", "--text", " ", "--task", "task.yaml"), 3, "not blank"),
        (("submit", "--text", "Gr\udcfc", "--task", "task.yaml"), 3, "not valid UTF-8"),
        (("submit", "--text", "x", "--task", "none.yaml"), 3, "cannot be read"),
        (("show", str(uuid4())), 4, "no submission of this id"),
        (("watch", str(uuid4())), 4, "no submission of this id"),
        (("show", str(uuid4()), "--student", "local"), 4, "this pupil has no submission of this id"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run: Run, arguments: tuple[str, ...], code: int, told: str) -> None:
    refused(run(*arguments), code, told)


def test_a_task_with_too_many_criteria_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "task.yaml").write_text("instruction: x\ncriteria: [1,2,3,4,5,6,7,8,9,10,11]")
    refused(run("submit", "--text", "x", "--task", "task.yaml"), 3, "at most 10")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "123"), "'123' is not a submission's id, which looks like"),
        (("show",), "required: ID"),
        ((), "required: COMMAND"),
        (("shwo", "123"), "'shwo' (choose from"),
        (("list", "--limit", "many"), "'many'"),
        (("list", "--all\nof it"), "--all of it"),
        (("check", "--fast", "--start"), "not allowed with"),
        (("submit", "a.pdf"), "required: --task"),
    ],
)
def test_wrong_use_is_told_in_one_line_with_where_the_right_one_stands(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    with pytest.raises(SystemExit) as leaving:
        run(*arguments)
    said = capsys.readouterr()
    assert (leaving.value.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert told in line
    assert "--help` says more" in line


@pytest.mark.parametrize(
    ("url", "code", "told"),
    [
        ("", 5, "no database is named: set DATABASE_URL"),
        ("postgresql://nobody@127.0.0.1:1/none", 6, "127.0.0.1:1 does not answer"),
        ("mysql://x/y", 5, "is not a URL that begins with postgresql:"),
    ],
)
@pytest.mark.parametrize("command", ["list", "migrate"])
def test_a_database_that_is_not_there_is_told_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, url: str, code: int, told: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    refused(run(command), code, told)


def test_a_database_without_our_schema_is_told_with_the_command(
    run: Run, postgres: DevPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url("postgres"))
    refused(run("list"), 5, "run `python -m submissions migrate`")
    refused(run("submit", "--text", "x", "--task", "task.yaml"), 5, "run `python -m submissions migrate`")


def test_watch_follows_a_submission_to_its_end(
    run: Run, worker_url: str, owner_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    submission_id = submit_text(run)
    store = work_store(worker_url)
    codes: list[int] = []
    watcher = threading.Thread(target=lambda: codes.append(main(["watch", str(submission_id)])))
    watcher.start()
    said = ""

    def shows(status: str) -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return status in said

    until(lambda: shows("pending"), "a first line")
    (student,) = rows(owner_url, "SELECT student_sub FROM learning_submissions")[0]
    unit = Unit(submission_id, student, Step.FEEDBACK)
    analysis = {
        "schema": "criteria.v2",
        "criteria_results": [
            {"criterion": "Inhalt", "score": 7, "max_score": 10, "explanation_md": "Gut."},
            {"criterion": "Form", "max_score": 10, "explanation_md": ""},
        ],
    }
    details = {"marks": ["addresses_grader"], "criteria": [{"evidence": "Mein\nText"}, {"evidence": ""}]}
    told = {"model": "pen", "prompt_version": "v1", "parse_status": "parsed_partial", "cost": {}, "details": details}
    assert store.store_feedback(claimed(store, unit), "Weiter so.", analysis, **told)
    watcher.join(10)
    assert codes == [0]
    assert shows("completed")
    assert "completed" in said.splitlines()[-1]
    _, shown, _ = run("show", str(submission_id))
    for part in (
        "Mein Text.",
        "Inhalt: 7/10",
        "in the text: “Mein Text”",
        "Form: not assessed",
        "Overall: not assessed",
        "For the teacher: addresses_grader",
        "Weiter so.",
    ):
        assert part in shown
    assert json.loads(run("show", str(submission_id), "--json")[1])["analysis_json"] == analysis


def test_watch_shows_a_bar_by_pages(run: Run, platform_url: str, worker_url: str, owner_url: str) -> None:
    unit, store = hand_in_files(platform_url), work_store(worker_url)
    opened(store, unit, pages=4)
    read(store, unit, 1, "Text")
    rows(owner_url, "UPDATE learning_submissions SET analysis_status = 'failed', error_code = 'vision_failed'")
    _, out, _ = run("watch", str(unit.submission_id))
    assert "failed   " in out
    assert "[#####---------------]  page 1/4" in out


def test_show_names_the_pages_that_could_not_be_read(run: Run, platform_url: str, worker_url: str) -> None:
    unit, store = hand_in_files(platform_url), work_store(worker_url)
    opened(store, unit, pages=11)
    for page in range(1, 12):
        claim = claimed(store, page_of(unit, page))
        problem = {2: "answer_refused", 3: "answer_off_task", 10: "answer_cut"}.get(page)
        source = PageSource.DOUBTFUL if page == 3 else PageSource.MODEL
        assert store.store_page(claim, "Text", "eye", "v1", {}, source=source, problem=problem)
    _, out, _ = run("show", str(unit.submission_id))
    assert [line for line in out.splitlines() if "not, or not all" in line] == [
        "page 2 was not, or not all, read: answer_refused",
        "page 10 was not, or not all, read: answer_cut",
    ]
    assert "page 3 may be the model's own words: answer_off_task" in out


def test_watch_tells_a_failure_by_its_exit_code(run: Run, owner_url: str) -> None:
    submission_id = submit_text(run)
    rows(owner_url, "UPDATE learning_submissions SET analysis_status = 'failed', error_code = 'feedback_failed'")
    code, out, _ = run("watch", str(submission_id))
    assert (code, "feedback_failed" in out) == (1, True)


def test_list_shows_states_and_no_text(run: Run) -> None:
    submission_id = submit_text(run)
    code, out, _ = run("list", "--status", "pending")
    assert (code, str(submission_id) in out, "Mein Text" in out) == (0, True, False)
    assert "Mein Text" not in run("list", "--json")[1]
    assert run("list", "--status", "failed")[1] == ""


def test_metrics_are_prometheus_text(run: Run) -> None:
    submit_text(run)
    out = run("metrics")[1]
    assert "analysis_jobs_inflight 0.0" in out.splitlines()
    assert 'learning_submissions{status="pending"} 1.0' in out.splitlines()
