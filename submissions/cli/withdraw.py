"""`withdraw`: end a submission that is not wanted any more, whoever works on it at this moment.

It then shows as failed with the reason `withdrawn`; `scripts/requeue.py requeue --id ID` takes it up again.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from submissions.cli.look import NoSuchSubmission, a_uuid, student_of
from submissions.cli.output import add_json, print_json
from submissions.cli.refused import Refused
from submissions.settings import Settings
from submissions.store.hand_in import withdraw


def add(commands: Any) -> None:
    parser: ArgumentParser = commands.add_parser("withdraw", help="end a submission that is not wanted any more")
    parser.add_argument("submission_id", type=a_uuid, metavar="ID")
    parser.add_argument("--student", help="whose submission it is; default: looked up")
    add_json(parser)
    parser.set_defaults(run=run)


def run(settings: Settings, chosen: Namespace) -> int:
    outcome = withdraw(settings.database_url, chosen.submission_id, student_of(settings, chosen))
    if outcome == "unknown":
        raise NoSuchSubmission("this pupil has no submission of this id; `list` shows whose it is")
    if outcome == "completed":
        raise Refused("it is too late: the submission is completed; `show` prints its feedback")
    if chosen.json:
        print_json({"submission_id": chosen.submission_id, "outcome": outcome})
    else:
        print(f"{chosen.submission_id}  withdrawn")
    return 0
