"""The command line: `python -m modelserver scripted|real|fetch`. Errors are one line on stderr.

Exit codes: 0 ended by SIGTERM or SIGINT (or fetched); 1 the server could not start or the model could not be had;
2 wrong arguments; 130 a fetch was interrupted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from modelserver.process import StartError, leave_at_once, serve
from modelserver.real.fetch import fetch
from modelserver.real.pieces import WRITER_MODEL, cache_folder
from modelserver.scripted.start import scripted_application

EPILOG = """exit codes:
  0  ended by SIGTERM or SIGINT; fetch: the model is in its place
  1  could not start: port taken, script invalid, model or package missing; fetch: the model could not be had
  2  wrong arguments
  130  fetch: interrupted; run it again to go on
"""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except StartError as error:
        print(f"modelserver: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("modelserver: interrupted; what was downloaded is kept", file=sys.stderr)
        sys.exit(130)
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
    _add_real(commands)
    _add_fetch(commands)
    return parser


def _add_scripted(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("scripted", help="deterministic answers and faults, controlled over HTTP")
    _add_serving(command)
    command.add_argument("--script", type=Path, metavar="FILE.json", help='{"config": {…}, "rules": […]} to start with')
    command.set_defaults(run=_scripted)


def _add_real(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("real", help="small real models: dev-ocr reads images, dev-writer writes")
    _add_serving(command)
    command.add_argument("--without-writer", action="store_true", help="only dev-ocr: needs no language model")
    command.set_defaults(run=_real)


def _add_fetch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("fetch", help="download the language model of the real face (1.1 GB, once)")
    command.set_defaults(run=lambda _chosen: fetch(WRITER_MODEL, cache_folder(), _say))


def _say(line: str) -> None:
    print(line, flush=True)


def _add_serving(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    command.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    command.add_argument("--log", type=Path, metavar="FILE.jsonl", help="append one line of JSON per call")
    command.add_argument("--die-with-parent", action="store_true", help="end when the starting process dies")


def _scripted(chosen: argparse.Namespace) -> None:
    serve(lambda: scripted_application(chosen.script, chosen.log, chosen.host), chosen)


def _real(chosen: argparse.Namespace) -> None:
    from modelserver.real.start import real_application  # noqa: PLC0415 — its packages are optional

    serve(lambda: real_application(chosen.log, chosen.host, with_writer=not chosen.without_writer), chosen)
    leave_at_once()
