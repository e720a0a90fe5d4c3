"""The command line: hand work in, look at it, withdraw it, prepare and check the database.

Every command has --json; an error is one line on standard error that says what to do. Exit codes:

    0  done
    1  the submission ended as failed
    2  the command was used wrongly
    3  what was asked for is refused; nothing was stored or changed
    4  there is no such submission
    5  the setup is wrong: settings, schema, roles
    6  the database or the storage does not answer: try again
  130  interrupted
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from submissions.cli import look, operate, submit, withdraw
from submissions.cli.parser import OneLineParser
from submissions.cli.refused import Refused
from submissions.errors import (
    DatabaseUnready,
    FileMissing,
    HandInRefused,
    SettingsRefused,
    StorageAway,
    StorageUnfit,
    StoreAway,
    StoreRefused,
)
from submissions.settings import load

REFUSED, NOT_FOUND, SETUP, AWAY, INTERRUPTED = 3, 4, 5, 6, 130

_CODES: dict[type[Exception], int] = {
    HandInRefused: REFUSED,
    Refused: REFUSED,
    StoreRefused: REFUSED,
    look.NoSuchSubmission: NOT_FOUND,
    SettingsRefused: SETUP,
    DatabaseUnready: SETUP,
    StorageUnfit: SETUP,
    FileMissing: SETUP,
    StoreAway: AWAY,
    StorageAway: AWAY,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    return run(_parser(), arguments)


def run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> int:
    """Run the command that `parser` chooses (`run(settings, chosen)`), and say in one line what went wrong."""
    chosen = parser.parse_args(arguments)
    try:
        code = int(chosen.run(load(), chosen))
        sys.stdout.flush()  # here, and not when Python ends, which nobody could catch
        return code
    except tuple(_CODES) as problem:
        print(f"learning-worker: {problem}", file=sys.stderr)
        return _CODES[type(problem)]
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still in its buffer
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="python -m submissions",
        description="Hand homework in, look at it, prepare and check the database.",
        epilog=(__doc__ or "").partition("Exit codes:")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (submit.add, look.add, withdraw.add, operate.add):
        add(commands)
    return parser
