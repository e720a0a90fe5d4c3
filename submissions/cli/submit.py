"""`submit`: hand in files or a text, with the task that it answers."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any
from uuid import UUID

from submissions import handin
from submissions.cli.numbers import whole_number
from submissions.cli.output import add_json, print_json
from submissions.errors import HandInRefused
from submissions.settings import Settings
from submissions.store.hand_in import NewSubmission
from submissions.store.hand_in import submit as submit_text
from submissions.task import read_task

#: Who hands in on the command line if nobody is named.
LOCAL_STUDENT = "local"


def add(commands: Any) -> None:
    parser: ArgumentParser = commands.add_parser("submit", help="hand in files or a text; prints the submission's id")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="images and PDFs, in reading order")
    parser.add_argument("--text", help="a typed text instead of files; - reads it from standard input")
    parser.add_argument("--task", required=True, type=Path, help="YAML or JSON: instruction, criteria, hints, language")
    parser.add_argument("--student", default=LOCAL_STUDENT, help="whose work it is (default: %(default)s)")
    parser.add_argument("--idempotency-key", help="the same key hands in once, however often it is repeated")
    parser.add_argument("--course-id", type=UUID, help="default: one for all command-line hand-ins")
    parser.add_argument("--task-id", type=UUID, help="default: derived from the task's content")
    parser.add_argument("--priority", type=a_priority, default=0, help="lower goes first (default: 0)")
    add_json(parser)
    parser.set_defaults(run=run)


def run(settings: Settings, chosen: Namespace) -> int:
    if bool(chosen.files) == (chosen.text is not None):
        raise HandInRefused("hand in either FILEs or --text")
    new = NewSubmission(
        student_sub=chosen.student,
        task=read_task(chosen.task),
        text=_standard_input() if chosen.text == "-" else chosen.text,
        idempotency_key=chosen.idempotency_key,
        course_id=chosen.course_id,
        task_id=chosen.task_id,
        priority=chosen.priority,
    )
    if chosen.files:
        submission_id = handin.submit_files(settings, new, chosen.files)
    else:
        submission_id = submit_text(settings.database_url, new)
    if chosen.json:
        print_json({"submission_id": submission_id})
    else:
        print(submission_id)
    return 0


def _standard_input() -> str:
    """What is piped in, whatever the terminal's encoding is."""
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise HandInRefused("the text on standard input is not valid UTF-8: convert it") from None


def a_priority(text: str) -> int:
    """A submission's priority, as a type for argparse."""
    return whole_number(text, -1000, 1000)
