"""Runs the checks of a mode. One that hangs keeps nobody waiting, and one that fails is a finding itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator

from submissions.checks.database import check_alive, check_database, check_direct
from submissions.checks.finding import Finding, Level
from submissions.checks.mode import PATIENCE, Mode
from submissions.checks.server import check_answers, check_server
from submissions.checks.settings import check_prompts, check_settings
from submissions.checks.storage import check_storage
from submissions.errors import SettingsRefused
from submissions.events import place_of
from submissions.settings import Settings

Check = Callable[[Settings], Iterable[Finding]]

#: What a worker must not start without, and what its work can wait for.
MUST: dict[str, Check] = {
    "settings": check_settings,
    "prompts": check_prompts,
    "database": check_database,
    "database.direct": check_direct,
}
MAY: dict[str, Check] = {"storage": check_storage, "model_server": check_server}


def findings(settings: Settings, mode: Mode, *, alive: bool = False) -> Iterator[Finding]:
    """What the checks of a mode find; `alive`: also whether this host's worker processes live."""
    must = MUST | ({"worker": check_alive} if alive else {})
    if mode is Mode.FAST:
        yield from _side_by_side(must | MAY, settings, PATIENCE[mode])
        return
    yield from _in_turn(must, settings)
    if mode is Mode.START:
        yield from (finding.as_warning() for finding in _side_by_side(MAY, settings, PATIENCE[mode]))
        return
    works = True
    for finding in _in_turn(MAY, settings):
        works = works and (finding.level is Level.OK or finding.id == "storage")
        yield finding
    if works:
        yield from _in_turn({"answer": check_answers}, settings)


def _in_turn(checks: dict[str, Check], settings: Settings) -> Iterator[Finding]:
    for name, check in checks.items():
        yield from _guarded(name, check, settings)


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
        if not self._thread.is_alive():
            return self._found
        return [Finding(self._name, Level.ERROR, "no answer in time", "run `check`, which waits longer", away=True)]


def _guarded(name: str, check: Check, settings: Settings) -> Iterator[Finding]:
    """The findings of a check; if it fails, that is one. The exception's text may quote anything and stays untold."""
    try:
        yield from check(settings)
    except SettingsRefused:
        return  # the check of the settings tells it
    except Exception as problem:  # noqa: BLE001
        failure = f"the check failed with {type(problem).__name__} at {place_of(problem)}"
        yield Finding(name, Level.ERROR, failure, "report it")
