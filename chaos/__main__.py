"""The command line: `python -m chaos [run] [--seed N] [--short]`, `python -m chaos verify DATABASE_URL LOG`.

Exit codes: 0 all claims hold; 1 one does not.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from random import SystemRandom

from chaos import claims
from chaos.plan import SHORT, WHOLE, drawn


def main() -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m chaos", description="See what becomes of work when all fails at once."
    )
    commands = parser.add_subparsers(required=True, metavar="run|verify")
    running = commands.add_parser("run", help="start everything, disturb it, and hold the claims against what is left")
    running.add_argument("--seed", type=int, help="repeat a plan (default: another one each time; it is printed)")
    running.add_argument("--short", action="store_true", help="about a minute instead of six")
    running.add_argument("--keep", type=Path, metavar="FOLDER", help="an empty folder that stays, with data and logs")
    running.set_defaults(command=_run)
    verifying = commands.add_parser("verify", help="hold the claims against a database and a request log")
    verifying.add_argument("database_url")
    verifying.add_argument("log", type=Path)
    verifying.set_defaults(command=_verify)
    chosen = parser.parse_args()
    return 0 if chosen.command(chosen) else 1


def _run(chosen: argparse.Namespace) -> bool:
    from chaos.run import run  # noqa: PLC0415 - `verify` needs no Postgres of its own

    seed = SystemRandom().randrange(1_000_000) if chosen.seed is None else chosen.seed
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="chaos-"))
    print(f"seed {seed}: again with SEED={seed}", flush=True)
    all_hold = run(drawn(seed, SHORT if chosen.short else WHOLE), folder)
    print(
        f"seed {seed}: {'all claims hold' if all_hold else f'claims FAILED; data and logs are in {folder}'}", flush=True
    )
    if all_hold and not chosen.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return all_hold


def _verify(chosen: argparse.Namespace) -> bool:
    findings = claims.held(chosen.database_url, chosen.log)
    print(*findings, sep="\n", flush=True)
    return all(each.holds for each in findings)


if __name__ == "__main__":
    sys.exit(main())
