"""Which checks in which mode, and how long they may take.

Full: all, one after the other, as they come. Fast: all but the answers of the models, side by side, within a second.
Start: what a worker must not start without (settings, prompts, database) decides; storage and model server are looked
at, and only warned about, because work waits for them and nobody is failed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from submissions.checks.database import check_alive, check_database
from submissions.checks.finding import Finding, Level
from submissions.checks.settings import check_prompts, check_settings
from submissions.checks.storage import check_storage
from submissions.events import place_of
from submissions.settings import Settings

Check = Callable[[Settings], Iterable[Finding]]

#: How long the checks of these modes may take in all, in seconds.
FAST_SECONDS, START_SECONDS = 0.8, 3.0


class Mode(StrEnum):
    FULL = "full"
    FAST = "fast"
    START = "start"


def check_server(settings: Settings) -> Iterable[Finding]:
    from submissions.checks import server  # noqa: PLC0415 - half of a fast check is this import: beside the database

    return server.check_server(settings)


def check_answers(settings: Settings) -> Iterable[Finding]:
    from submissions.checks import server  # noqa: PLC0415 - as above

    return server.check_answers(settings)


#: What a worker must not start without, and what it works towards.
MUST: dict[str, Check] = {"settings": check_settings, "prompts": check_prompts, "database": check_database}
MAY: dict[str, Check] = {"storage": check_storage, "model_server": check_server}


def findings(settings: Settings, mode: Mode, *, alive: bool = False) -> Iterator[Finding]:
    """What the checks of a mode find; `alive`: also whether this host's worker processes live."""
    must = MUST | ({"worker": check_alive} if alive else {})
    if mode is Mode.FAST:
        yield from _side_by_side(must | MAY, settings, FAST_SECONDS)
        return
    for name, check in must.items():
        yield from _guarded(name, check, settings)
    if mode is Mode.START:
        yield from (finding.as_warning() for finding in _side_by_side(MAY, settings, START_SECONDS))
        return
    for name, check in MAY.items():
        yield from (found := [*_guarded(name, check, settings)])
    if all(finding.level is Level.OK for finding in found):
        yield from _guarded("answer", check_answers, settings)


def _side_by_side(checks: dict[str, Check], settings: Settings, seconds: float) -> Iterator[Finding]:
    """The findings of checks that run at once; of those that take too long, that they do."""
    until = time.monotonic() + seconds
    for each in [_Running(name, check, settings) for name, check in checks.items()]:
        yield from each.findings(until)


class _Running:
    """A check in a thread that keeps nobody from exiting."""

    def __init__(self, name: str, check: Check, settings: Settings) -> None:
        self._name = name
        self._found: list[Finding] = []
        self._thread = threading.Thread(target=self._run, args=(check, settings), daemon=True)
        self._thread.start()

    def _run(self, check: Check, settings: Settings) -> None:
        self._found = [*_guarded(self._name, check, settings)]

    def findings(self, until: float) -> list[Finding]:
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._thread.is_alive():
            return [
                Finding(
                    self._name, Level.ERROR, "it did not answer in time", "run `check`, which waits longer", away=True
                )
            ]
        return self._found


def _guarded(name: str, check: Check, settings: Settings) -> Iterator[Finding]:
    """A check that itself fails is a finding, and its exception's text stays untold."""
    try:
        yield from check(settings)
    except Exception as problem:  # noqa: BLE001
        yield Finding(
            name, Level.ERROR, f"the check failed with {type(problem).__name__} at {place_of(problem)}", "report it"
        )
