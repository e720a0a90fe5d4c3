"""The options of scripts/requeue.py: which submissions, and what an act needs."""

from __future__ import annotations

import getpass
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime, timedelta

from submissions.cli.look import a_uuid
from submissions.cli.numbers import a_count
from submissions.lifecycle import Stage, Status
from submissions.store.requeueing import Filter

#: More than so many need --yes.
MANY = 25

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def add_filters(parser: ArgumentParser) -> None:
    """Which submissions."""
    parser.add_argument("--state", choices=[*Status, "any"], help="default: failed, or any for --id")
    parser.add_argument("--stage", choices=[*Stage], help="where it would go on")
    parser.add_argument("--error", help="the error code, or the finer reason beside it")
    parser.add_argument("--since", type=_moment, help="changed since: 30m, 2h, 7d, or 2026-01-31T08:00")
    parser.add_argument("--task", type=a_uuid, metavar="ID", help="of this task alone")
    parser.add_argument("--student", help="of this pupil alone")
    parser.add_argument("--id", type=a_uuid, action="append", default=[], help="this one; may be repeated")
    parser.add_argument("--limit", type=a_count, help="at most so many, the newest")


def which(chosen: Namespace, default_limit: int | None) -> Filter:
    """The submissions that the options name. Ids stand for themselves: they are not narrowed to failed ones."""
    state = chosen.state or (None if chosen.id else Status.FAILED)
    return Filter(
        ids=chosen.id,
        state=None if state == "any" else state,
        stage=chosen.stage,
        error=chosen.error,
        since=chosen.since,
        task=chosen.task,
        student_sub=chosen.student,
        limit=chosen.limit or default_limit,
    )


def add_act(parser: ArgumentParser) -> None:
    """What an act needs beside them."""
    parser.add_argument("--why", required=True, type=_words, help="is written down")
    parser.add_argument("--by", type=_words, default=_whoever(), help="who asks for it (default: %(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="say which, and change nothing")
    parser.add_argument("--yes", action="store_true", help=f"also if they are more than {MANY}")


def _moment(text: str) -> datetime:
    """A time ago, or a date in ISO 8601; UTC if it names no zone."""
    if ago := re.fullmatch(r"(\d{1,4})([mhdw])", text):
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no time: 30m, 2h, 7d, 2w, or a date like 2026-01-31T08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _words(text: str) -> str:
    if not text.strip() or len(text) > 200:
        raise ArgumentTypeError("it needs some words, at most 200 characters")
    return text.strip()


def _whoever() -> str:
    """Who is logged in; a container may have no name for its user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
