"""`python -m bench.broker`: measure, print the table, write JSON and PNG.

A whole run writes docs/benchmarks/ and the table of docs/benchmarks.md; a part of one (`--only`) writes .dev/bench/,
since figures of different runs must not stand side by side. Exit codes: 0, 1 if a case failed, 2 for a wrong choice.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from bench.broker import table
from bench.broker.cases import CASES
from bench.broker.environments import FOLDER, ROOT, NotInstalled, python_of
from bench.broker.plot import draw
from bench.broker.processes import Tree
from bench.broker.results import Entry, Result
from bench.broker.run import Selection, run
from bench.broker.server import Server, Unfit
from bench.broker.systems import SYSTEMS
from scripts.dev_postgres import DevPostgres

DOCUMENT = ROOT / "docs" / "benchmarks.md"


def choose(only: Sequence[str]) -> Selection:
    """The cases and systems of `--only CASE[,SYSTEM]`; the first letters of a case choose all that begin so."""
    chosen = [each.partition(",") for each in only] or [("", "", "")]
    names = [system.name for system in SYSTEMS]
    for start, _, name in chosen:
        if not any(case.name.startswith(start) for case in CASES) or (name and name not in names):
            known = ", ".join(case.name for case in CASES)
            raise ValueError(f"--only {start}{name and ',' + name}: cases are {known}; systems are {', '.join(names)}")
    parts = []
    for case in CASES:
        wanted = [name for start, _, name in chosen if case.name.startswith(start)]
        systems = tuple(each for each in case.systems if each.name in wanted or "" in wanted)
        if systems:
            parts.append((case, systems))
    return Selection(tuple(parts))


def keep(result: Result, *, whole: bool) -> Path:
    """Write what was found; the folder it is in."""
    folder = DOCUMENT.with_suffix("") if whole else FOLDER
    result.write(folder / "broker.json")
    draw(result, folder / "broker.png")
    if whole:
        DOCUMENT.write_text(table.put_into(DOCUMENT.read_text(encoding="utf-8"), result), encoding="utf-8")
    return folder


def tell(entry: Entry) -> None:
    """One line as soon as a case is done with a system."""
    figures = ", ".join(
        f"{name} {'–' if value is None else table.number(value)}" for name, value in entry.figures.items()
    )
    said = figures or f"failed: {entry.problem}"
    print(f"{entry.case:16} {entry.system:18} load {entry.load:4.1f} {entry.seconds:6.1f} s  {said}", flush=True)


def measure(selection: Selection) -> Result:
    """Run it on a Postgres of its own, or that of DATABASE_URL; leaves nothing running."""
    postgres = DevPostgres.start(FOLDER / "postgres")
    try:
        server = Server(postgres)
        try:
            return run(server, selection, tell)
        finally:
            Tree.kill_all()
            server.close()
    finally:
        postgres.stop()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.broker", description="The queue side by side with others.")
    parser.add_argument(
        "--only", metavar="CASE[,SYSTEM]", action="append", default=[], help="may be given several times"
    )
    only = parser.parse_args(arguments).only
    try:
        selection = choose(only)
        for system in selection.systems:
            python_of(system)
        begin = time.monotonic()
        result = measure(selection)
    except (ValueError, NotInstalled, Unfit) as problem:
        print(problem, file=sys.stderr)
        return 2
    folder = keep(result, whole=not only)
    minutes = (time.monotonic() - begin) / 60
    print(f"\n{table.as_text(result)}\n{minutes:.1f} min; written to {folder.relative_to(ROOT)}/broker.json and .png")
    return 1 if any(entry.problem for entry in result.entries) else 0


def _leave(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(main(sys.argv[1:]))
