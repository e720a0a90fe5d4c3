"""The command line: `python -m modelserver scripted|real|fetch`. Errors are one line on stderr.

Exit codes: 0 ended by SIGTERM or SIGINT (or fetched); 1 the server could not start or the model could not be had;
2 wrong arguments.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from modelserver.process import StartError, serve
from modelserver.scripted.start import scripted_application

EPILOG = """exit codes:
  0  ended by SIGTERM or SIGINT; fetch: the model is in its place
  1  could not start: port taken, script invalid, model or package missing; fetch: the model could not be had
  2  wrong arguments
"""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except StartError as error:
        print(f"modelserver: {error}", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m modelserver",
        description="A development server that speaks Ollama's API. For trying out and for tests, not for pupils.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="scripted|real|fetch")
    _add_scripted(commands)
    return parser


def _add_scripted(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("scripted", help="deterministic answers and faults, controlled over HTTP")
    _add_serving(command)
    command.add_argument("--script", type=Path, metavar="FILE.json", help='{"config": {…}, "rules": […]} to start with')
    command.set_defaults(run=_scripted)


def _add_serving(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    command.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    command.add_argument("--log", type=Path, metavar="FILE.jsonl", help="append one line of JSON per call")
    command.add_argument("--die-with-parent", action="store_true", help="end when the starting process dies")


def _scripted(chosen: argparse.Namespace) -> None:
    serve(lambda: scripted_application(chosen.script, chosen.log, chosen.host), chosen)
