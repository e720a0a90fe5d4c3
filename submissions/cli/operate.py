"""`migrate` and `metrics`, and `check` beside them: what an operator runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from submissions.cli import check
from submissions.cli.output import add_json, print_json
from submissions.settings import Settings
from submissions.store.migrate import migrate as apply_migrations
from submissions.store.overview import gauges


def add(commands: Any) -> None:
    check.add(commands)
    for name, run, text in (
        ("migrate", migrate, "bring the schema up to date; safe to run from several processes at once"),
        ("metrics", metrics, "print what is a state at this moment, in Prometheus' text format"),
    ):
        parser: ArgumentParser = commands.add_parser(name, help=text)
        add_json(parser)
        parser.set_defaults(run=run)


def migrate(settings: Settings, chosen: Namespace) -> int:
    applied = apply_migrations(settings.migrate_database_url or settings.database_url)
    if chosen.json:
        print_json({"applied": applied})
    else:
        print("\n".join(f"applied {name}" for name in applied) or "the schema is up to date")
    return 0


def metrics(settings: Settings, chosen: Namespace) -> int:
    rows = gauges(settings.database_url)
    if chosen.json:
        print_json(rows)
    else:
        from submissions.metrics.scrape import as_text  # noqa: PLC0415 - slow to import, and `check` is in a hurry

        print(as_text(rows), end="")
    return 0
