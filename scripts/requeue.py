"""Find, take up again and give up submissions, across pupils and beside running workers.

  list      which submissions match
  show      all that happened to one: its units, their runs, what admins did
  requeue   take failed ones up again, where they stand: pages that are read are not read again
  discard   give up: what is under way ends as failed, what has failed is set aside

It speaks as learning_admin, which sees no pupil's text. `requeue` and `discard` need --why, and --yes for more than 25;
--dry-run says which they would be. Whatever was done is written down with who and why. Exit codes:

    0  done, or nothing to do
    1  some were left as they are: somebody else was faster, or it does not apply to them
    2  the command was used wrongly
    3  refused, nothing was changed: more than 25, and no --yes
    4  there is no such submission
    5  the setup is wrong: settings, schema, roles
    6  the database does not answer: run the same command again
  130  interrupted
"""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

# Also started as a file, from any folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from submissions import cli
from submissions.cli.look import NoSuchSubmission, a_uuid
from submissions.cli.output import add_json, print_json
from submissions.cli.parser import OneLineParser
from submissions.cli.refused import Refused
from submissions.cli.requeue_lines import history_lines, line
from submissions.cli.requeue_options import MANY, add_act, add_filters, which
from submissions.settings import Settings
from submissions.store.requeueing import Act, Filter, carry_out, find, history

#: `list` shows so many unless --limit says otherwise.
LISTED = 50

UNKNOWN_ID = "there is no submission of this id; `list` shows which there are"

#: What each act calls its success; everything else was left as it is.
DONE = {Act.REQUEUE: "requeued", Act.DISCARD: "discarded"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    return cli.run(_parser(), arguments)


def list_(settings: Settings, chosen: Namespace) -> int:
    """Print which submissions match."""
    rows = _found(settings, chosen, LISTED)
    if chosen.json:
        print_json({"total": _total(rows), "submissions": [_without_total(row) for row in rows]})
    else:
        _print_rows(rows)
    return 0


def show(settings: Settings, chosen: Namespace) -> int:
    """Print all that happened to one submission."""
    row = next(iter(find(settings.database_url, Filter(ids=[chosen.submission_id]))), None)
    if row is None:
        raise NoSuchSubmission(UNKNOWN_ID)
    told = history(settings.database_url, chosen.submission_id)
    if chosen.json:
        print_json({**_without_total(row), **told})
    else:
        print("\n".join([line(row), *history_lines(told)]))
    return 0


def requeue(settings: Settings, chosen: Namespace) -> int:
    """Take failed submissions up again."""
    return _act(settings, chosen, Act.REQUEUE)


def discard(settings: Settings, chosen: Namespace) -> int:
    """Give submissions up."""
    return _act(settings, chosen, Act.DISCARD)


def _act(settings: Settings, chosen: Namespace, act: Act) -> int:
    rows = _found(settings, chosen, None)
    if not chosen.json:
        _print_rows(rows)
    if chosen.dry_run:
        if chosen.json:
            print_json({"would": act, "submissions": [_without_total(row) for row in rows]})
        return 0
    if len(rows) > MANY and not chosen.yes:
        raise Refused(f"that would {act} {len(rows)} submissions: look at them with --dry-run, then add --yes")
    ids = [row["submission_id"] for row in rows]
    outcomes = dict(carry_out(settings.database_url, act, ids, chosen.by, chosen.why))
    _print_outcomes(outcomes, as_json=chosen.json)
    return 0 if all(outcome == DONE[act] for outcome in outcomes.values()) else 1


def _found(settings: Settings, chosen: Namespace, default_limit: int | None) -> list[Mapping[str, Any]]:
    rows = find(settings.database_url, which(chosen, default_limit))
    if not rows and chosen.id and not find(settings.database_url, Filter(ids=chosen.id)):
        raise NoSuchSubmission(UNKNOWN_ID)
    return rows


def _print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    total = _total(rows)
    shown = f", the newest {len(rows)} of them" if len(rows) < total else ""
    print(f"{total} match{'es' if total == 1 else ''}{shown}")
    for row in rows:
        print(line(row))


def _print_outcomes(outcomes: Mapping[UUID, str], *, as_json: bool) -> None:
    counts = Counter(outcomes.values())
    if as_json:
        print_json(
            {
                "matched": len(outcomes),
                "counts": counts,
                "outcomes": {str(each): outcome for each, outcome in outcomes.items()},
            }
        )
        return
    for submission_id, outcome in outcomes.items():
        print(f"{submission_id}  {outcome}")
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()) or "nothing to do")


def _total(rows: Sequence[Mapping[str, Any]]) -> int:
    return int(rows[0]["total"]) if rows else 0


def _without_total(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "total"}


def _parser() -> ArgumentParser:
    parser = OneLineParser(
        prog="python scripts/requeue.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for run, text in (
        (list_, "which submissions match"),
        (show, "all that happened to one"),
        (requeue, "take failed ones up again"),
        (discard, "give up"),
    ):
        command = commands.add_parser(run.__name__.rstrip("_"), help=text)
        if run is show:
            command.add_argument("submission_id", type=a_uuid, metavar="ID")
        else:
            add_filters(command)
        if run in {requeue, discard}:
            add_act(command)
        add_json(command)
        command.set_defaults(run=run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
