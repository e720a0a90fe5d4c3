"""`check`: is everything there that the work needs? For operators, container health probes and the Procfile.

Exit codes: 0 also with warnings; 5 the setup has to be mended; 6 something does not answer.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from submissions.checks.finding import Finding, Level
from submissions.checks.mode import Mode
from submissions.cli.output import add_json, print_json
from submissions.settings import Settings

SETUP, AWAY = 5, 6


def add(commands: Any) -> None:
    parser: ArgumentParser = commands.add_parser(
        "check", help="check settings, database, rights, storage, model server and models, with one tiny answer of each"
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--fast",
        dest="mode",
        action="store_const",
        const=Mode.FAST,
        help="within a second and without asking the models: a container's health probe",
    )
    mode.add_argument(
        "--start",
        dest="mode",
        action="store_const",
        const=Mode.START,
        help="before a worker: refuses what it must not start without, warns about the rest, else says nothing",
    )
    parser.add_argument("--alive", action="store_true", help="also that this host's worker processes are alive")
    add_json(parser)
    parser.set_defaults(run=run, mode=Mode.FULL)


def run(settings: Settings, chosen: Namespace) -> int:
    # Asking the model server takes a third of a second to import, which no other command has to wait for.
    from submissions.checks.run import findings  # noqa: PLC0415

    found = []
    for finding in findings(settings, chosen.mode, alive=chosen.alive):
        found.append(finding)
        if not chosen.json:
            _print(finding, chosen.mode)
    code = exit_code(found)
    if chosen.json:
        print_json({"ready": code == 0, "exit_code": code, "checks": [asdict(finding) for finding in found]})
    return code


def exit_code(found: Iterable[Finding]) -> int:
    """What has to be mended comes before what may come back by itself."""
    errors = [finding for finding in found if finding.level is Level.ERROR]
    if not errors:
        return 0
    return AWAY if all(finding.away for finding in errors) else SETUP


def _print(finding: Finding, mode: Mode) -> None:
    text = f"{finding.message}: {finding.hint}" if finding.hint else finding.message
    if mode is not Mode.START:
        print(f"{finding.level:<8} {finding.id:<21} {text}", flush=True)
    elif finding.level is not Level.OK:
        print(f"learning-worker: {finding.level}: {finding.id}: {text}", file=sys.stderr)
