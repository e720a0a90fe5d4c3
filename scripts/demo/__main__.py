"""python -m scripts.demo: hand the samples in, show what comes back, and leave nothing running.

Exit codes: 0 all submissions completed and every criterion of each task has its place in the result; 1 not so, or the
demo could not go on; 128 + the signal's number if it was interrupted (130 after Ctrl-C).
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from scripts.demo import terminal
from scripts.demo.development_server import Face
from scripts.demo.failure import DemoFailed
from scripts.demo.interruption import Interrupted, Interruption
from scripts.demo.run import Demo
from scripts.demo.tail import last_lines
from scripts.demo.workplace import DEFAULT_FOLDER, ROOT

_SHOWN_OF_LOG = 15  # lines


def main() -> int:
    """Run the demo; returns its exit code."""
    chosen = _arguments()
    try:
        with Interruption() as interruption, ExitStack() as running:
            try:
                return Demo(chosen, interruption, running).run()
            finally:
                interruption.ignored()
    except DemoFailed as problem:
        terminal.complain(str(problem))
        for line in last_lines(problem.log, _SHOWN_OF_LOG) if problem.log else ():
            print(f"  {line}", file=sys.stderr)
        return 1
    except Interrupted as signal:
        terminal.complain(f"stopped by {signal}; nothing that it started is left")
        return signal.exit_code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.demo", description="Hand the samples in and show what comes back."
    )
    parser.add_argument(
        "--samples", type=Path, default=ROOT / "samples", help="folder of files, each with a NAME.task.yaml beside it"
    )
    parser.add_argument(
        "--folder", type=Path, default=DEFAULT_FOLDER, help="where everything is kept; cleared at the start"
    )
    # For the tests of the demo: what the development model server answers with, where it is used.
    parser.add_argument("--face", type=Face, default=Face.REAL, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
