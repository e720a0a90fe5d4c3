"""`show`, `watch` and `list`: where submissions are, and what came back.

`show` and `watch` read as the platform does, for one pupil; whose submission an id is, the admin's overview tells
(or --student, where the login may not act as admin).
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from uuid import UUID

from submissions.cli.numbers import a_count
from submissions.cli.output import Progress, add_json, print_json, progress, result
from submissions.lifecycle import Status
from submissions.settings import Settings
from submissions.store.follow import follow
from submissions.store.hand_in import look_up
from submissions.store.overview import overview


class NoSuchSubmission(Exception):
    """No submission of that id (of that pupil, if one was named)."""


def add(commands: Any) -> None:
    for name, run, text in (
        ("show", show, "print a submission: status, text, criteria, feedback"),
        ("watch", watch, "follow a submission until it ends"),
    ):
        parser: ArgumentParser = commands.add_parser(name, help=text)
        parser.add_argument("submission_id", type=a_uuid, metavar="ID")
        parser.add_argument("--student", help="whose submission it is; default: looked up")
        add_json(parser)
        parser.set_defaults(run=run)
    parser = commands.add_parser("list", help="list submissions, newest first")
    parser.add_argument("--student", help="of this pupil alone")
    parser.add_argument("--status", choices=[*Status], help="in this status alone")
    parser.add_argument("--limit", type=a_count, default=50, help="at most so many (default: %(default)s)")
    add_json(parser)
    parser.set_defaults(run=list_)


def show(settings: Settings, chosen: Namespace) -> int:
    row = _found(look_up(settings.database_url, chosen.submission_id, student_of(settings, chosen)))
    _print(row, as_json=chosen.json)
    return 0


def watch(settings: Settings, chosen: Namespace) -> int:
    student = student_of(settings, chosen)
    row: Mapping[str, Any] | None = None
    with closing(Progress()) as shown:
        for row in follow(settings.database_url, chosen.submission_id, student):
            if not chosen.json:
                shown.show(row)
    row = _found(row)
    if chosen.json:
        print_json(row)
    return 0 if row["analysis_status"] == Status.COMPLETED else 1


def list_(settings: Settings, chosen: Namespace) -> int:
    rows = overview(settings.database_url, student_sub=chosen.student, status=chosen.status, limit=chosen.limit)
    if chosen.json:
        print_json(rows)
    else:
        for row in rows:
            print(f"{row['created_at']:%Y-%m-%d %H:%M}  {progress(row)}")
    return 0


def student_of(settings: Settings, chosen: Namespace) -> str:
    """Whose submission it is: as was said, or looked up."""
    if chosen.student:
        return str(chosen.student)
    rows = overview(settings.database_url, submission_id=chosen.submission_id)
    if not rows:
        raise NoSuchSubmission("there is no submission of this id; `list` shows the newest ones")
    return str(rows[0]["student_sub"])


def _found(row: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if row is None:
        raise NoSuchSubmission("this pupil has no submission of this id; `list` shows whose it is")
    return row


def _print(row: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(row)
    else:
        print("\n".join(result(row)))


def a_uuid(text: str) -> UUID:
    """A submission's id, as a type for argparse."""
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError(
            f"{text!r} is not a submission's id, which looks like 01234567-89ab-cdef-0123-456789abcdef"
        ) from None
