"""Handing in: the SQL function that every way ends in."""

from __future__ import annotations

import json
from typing import Any

import psycopg2
import pytest

from submissions.errors import HandInRefused
from submissions.lifecycle import ErrorCode, PageSource, Status, Step, UnitState
from submissions.store.hand_in import NewFile, NewSubmission, submit_in
from submissions.store.migrate import FOLDER
from submissions.task import Criterion, TaskContext
from submissions.verdict import Outcome
from tests.factories import (
    STUDENT,
    TASK,
    hand_in_files,
    hand_in_text,
    messages,
    new_file,
    opened,
    rows,
    submission,
    work_store,
)

TASK_JSON = json.dumps({"instruction": "Schreibe.", "criteria": ["Inhalt", {"criterion": "Form", "max_score": 5}]})


def test_sql_alone_hands_in_within_the_callers_transaction(platform_url: str, owner_url: str) -> None:
    with psycopg2.connect(platform_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT learning_submit('pupil-9', %s, 'Ein Text')", (TASK_JSON,))
        connection.rollback()
        assert rows(owner_url, "SELECT count(*) FROM learning_submissions") == [(0,)]
        assert messages(owner_url) == []
        cursor.execute("SELECT learning_submit('pupil-9', %s, 'Ein Text')", (TASK_JSON,))
    connection.close()
    assert rows(owner_url, "SELECT analysis_status, kind, attempt_nr FROM learning_submissions") == [
        ("pending", "text", 1)
    ]
    assert rows(owner_url, "SELECT criteria, language, hints_md FROM learning_task_contexts") == [
        ([{"criterion": "Inhalt", "max_score": 10}, {"criterion": "Form", "max_score": 5}], "de", "")
    ]
    assert len(messages(owner_url)) == 1


def test_the_same_key_gives_the_same_submission_and_one_message(platform_url: str, owner_url: str) -> None:
    first = hand_in_text(platform_url, idempotency_key="k1")
    again = hand_in_text(platform_url, "another text", idempotency_key="k1")
    assert again.submission_id == first.submission_id
    assert submission(owner_url, first, "text_body") == ("Pflanzen machen Zucker.",)
    assert len(messages(owner_url)) == 1


def test_the_key_is_the_pupils_own(platform_url: str, owner_url: str) -> None:
    hand_in_text(platform_url, idempotency_key="k1")
    hand_in_text(platform_url, idempotency_key="k1", student_sub="pupil-2")
    assert len(messages(owner_url)) == 2


def test_attempts_are_numbered_by_pupil_and_task(platform_url: str, owner_url: str) -> None:
    for _ in range(2):
        hand_in_text(platform_url)
    hand_in_text(platform_url, task=TaskContext("Eine andere Aufgabe."))
    assert rows(owner_url, "SELECT attempt_nr FROM learning_submissions ORDER BY created_at") == [(1,), (2,), (1,)]


def test_several_files_keep_their_order(platform_url: str, owner_url: str) -> None:
    files = [new_file("image/png"), new_file("image/heic"), new_file("application/pdf")]
    unit = hand_in_files(platform_url, files)
    assert rows(owner_url, "SELECT mime_type FROM learning_files ORDER BY position") == [
        ("image/png",),
        ("image/heic",),
        ("application/pdf",),
    ]
    assert submission(owner_url, unit, "kind, mime_type, storage_key") == ("image", "image/png", files[0].storage_key)


def test_files_with_text_that_was_read_before_skip_vision(platform_url: str, owner_url: str) -> None:
    unit = hand_in_files(platform_url, cached_text_md="gelesen")
    assert submission(owner_url, unit, "analysis_status, text_body") == ("extracted", "gelesen")
    assert messages(owner_url) == [("feedback", None, False)]


def test_a_priority_weighs_more_than_any_number_of_pages(platform_url: str, worker_url: str, owner_url: str) -> None:
    long = hand_in_files(platform_url, priority=-5)
    opened(work_store(worker_url), long, pages=1500)
    hand_in_text(platform_url, priority=-4)
    rows(
        owner_url,
        "DELETE FROM dramatiq.queue WHERE message ->> 'actor_name' = 'vision' AND message #> '{kwargs,page}' IS NULL",
    )
    assert rows(owner_url, "SELECT queue_name, priority FROM dramatiq.queue ORDER BY priority DESC LIMIT 3") == [
        ("feedback", -4000),
        ("vision", -4001),
        ("vision", -4001),
    ]
    assert rows(owner_url, "SELECT priority FROM dramatiq.queue ORDER BY priority LIMIT 2") == [(-5000,), (-4999,)]


def test_long_documents_take_turns(platform_url: str, worker_url: str, owner_url: str) -> None:
    store = work_store(worker_url)
    for _ in range(2):
        opened(store, hand_in_files(platform_url), pages=3)
    in_order = "SELECT message #> '{kwargs,page}' FROM dramatiq.queue ORDER BY priority, position"
    assert [page for (page,) in rows(owner_url, in_order) if page] == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    "values",
    [
        {"text": "  \n\t "},
        {"text": None},
        {"text": "both", "files": [new_file()]},
        {"text": "x\0y"},
        {"task": TaskContext("  ")},
        {"task": TaskContext("i", tuple(Criterion(f"c{n}") for n in range(11)))},
        {"task": TaskContext("i", (Criterion(" "),))},
        {"task": TaskContext("i", (Criterion("c", 0),))},
        {"task": TaskContext("i", language="deutsch")},
        {"student_sub": ""},
        {"idempotency_key": "k" * 65},
        {"text": None, "files": [NewFile("/etc/passwd", "image/png", 10, "0" * 64)]},
        {"text": None, "files": [NewFile("a/../../b", "image/png", 10, "0" * 64)]},
        {"text": None, "files": [NewFile("a", "text/html", 10, "0" * 64)]},
        {"text": None, "files": [NewFile("a", "image/png", 0, "0" * 64)]},
        {"text": None, "files": [NewFile("a", "image/png", 10485761, "0" * 64)]},
        {"text": None, "files": [NewFile("a", "image/png", 10, "abc")]},
    ],
)
def test_what_cannot_be_worked_is_refused_in_words_without_quoting_it(
    platform_url: str, owner_url: str, values: dict[str, Any]
) -> None:
    with pytest.raises(HandInRefused) as refusal:
        hand_in_text(platform_url, **{"text": "marker-4711", **values})
    assert "marker-4711" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert rows(owner_url, "SELECT count(*) FROM learning_submissions") == [(0,)]
    assert messages(owner_url) == []


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("p_idempotency_key => repeat('k', 65)", "1 to 64 characters"),
        ("p_idempotency_key => ''", "1 to 64 characters"),
        ('p_task => \'{"instruction": "i", "language": "fr"}\'', "de or en"),
        ('p_task => \'{"instruction": " \\n\\t"}\'', "not blank"),
        ('p_task => \'{"instruction": "i", "criteria": [{"criterion": "c", "max_score": 7.5}]}\'', "whole number"),
        ('p_task => \'{"instruction": "i", "criteria": [{"criterion": "c", "max_score": "9"}]}\'', "whole number"),
        ('p_task => \'{"instruction": "i", "criteria": ["\\n"]}\'', "has a text"),
        ("p_task => '[]'", "needs an instruction"),
    ],
)
def test_sql_too_is_refused_in_words_that_quote_no_row(platform_url: str, argument: str, told: str) -> None:
    arguments = {"p_student_sub": "'pupil-1'", "p_task": '\'{"instruction": "i"}\'', "p_text": "'marker-4711'"}
    name, _, value = argument.partition(" => ")
    call = ", ".join(f"{key} => {word}" for key, word in {**arguments, name: value}.items())
    with pytest.raises(psycopg2.errors.InvalidParameterValue, match=told) as refusal:
        rows(platform_url, f"SELECT learning_submit({call})")
    assert refusal.value.diag.message_detail is None
    assert "marker-4711" not in refusal.value.diag.message_primary


@pytest.mark.parametrize(
    ("said", "stored"),
    [("image/heif", "image/heic"), ("image/jpg", "image/jpeg"), ("Application/PDF", "application/pdf")],
)
def test_another_name_of_a_media_type_is_understood(platform_url: str, owner_url: str, said: str, stored: str) -> None:
    unit = hand_in_files(platform_url, [NewFile("a", said, 10, "0" * 64)])
    assert submission(owner_url, unit, "mime_type") == (stored,)
    assert rows(owner_url, "SELECT mime_type FROM learning_files") == [(stored,)]


def test_a_caller_that_speaks_for_one_pupil_hands_in_for_no_other(platform_url: str) -> None:
    with psycopg2.connect(platform_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.current_sub', 'pupil-2', true)")
        with pytest.raises(HandInRefused):
            submit_in(cursor, NewSubmission(student_sub=STUDENT, task=TASK, text="t"))
    connection.close()


def test_each_change_of_status_is_told_on_the_channel(platform_url: str) -> None:
    listener = psycopg2.connect(platform_url)
    listener.autocommit = True
    with listener.cursor() as cursor:
        cursor.execute("LISTEN learning_submissions")
        unit = hand_in_text(platform_url)
        cursor.execute("SELECT 1")
    (notice,) = listener.notifies
    told = json.loads(notice.payload)
    assert (told["submission_id"], told["analysis_status"]) == (str(unit.submission_id), "pending")
    listener.close()


def test_the_schemas_words_are_the_codes_words() -> None:
    schema = (FOLDER / "0003_submissions.sql").read_text(encoding="utf-8")
    for words, check in (
        (Status, "analysis_status IN ("),
        (Step, "step IN ("),
        (UnitState, "state IN ('waiting'"),
        (PageSource, "source IN ('model'"),
        (Outcome, "verdict IN ("),
        (ErrorCode, "error_code IN ("),
    ):
        listed = schema[schema.index(check) :].partition("(")[2].partition(")")[0]
        said = {word.strip().strip("'") for word in listed.split(",")}
        assert said - {"lost"} == set(words), check


@pytest.mark.parametrize(
    "nonsense",
    [
        "kind = 'text', text_body = NULL",
        "analysis_status = 'processing'",
        "analysis_json = '{}'",
        "error_code = 'engine_timeout'",
        "kind = 'image', mime_type = 'image/png'",
    ],
)
def test_the_schema_itself_refuses_nonsense(platform_url: str, owner_url: str, nonsense: str) -> None:
    hand_in_text(platform_url)
    with pytest.raises(psycopg2.errors.CheckViolation):
        rows(owner_url, f"UPDATE learning_submissions SET {nonsense}")
