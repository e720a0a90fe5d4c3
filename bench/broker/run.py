"""A whole run: each case with each system, one after the other, or at the same time where they only wait."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench.broker.assignment import Shape
from bench.broker.case import Case
from bench.broker.jobs import Kind
from bench.broker.results import Entry, Result
from bench.broker.server import Server
from bench.broker.systems import Facts
from bench.broker.trial import Trial

#: Called with each entry as it comes.
Told = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to run: for each case its systems."""

    parts: tuple[tuple[Case, tuple[Facts, ...]], ...]

    @property
    def systems(self) -> list[Facts]:
        """Each that is needed, once."""
        return list(dict.fromkeys(system for _, systems in self.parts for system in systems))


def run(server: Server, selection: Selection, tell: Told) -> Result:
    """Measure all of it. A case that fails with one system is told as its problem and ends nothing else."""
    result = Result(
        settings=server.settings(),
        versions={system.name: _versions(server, system) for system in selection.systems},
        caps={case.name: case.cap for case, _ in selection.parts},
    )
    for case, systems in selection.parts:
        for entry in (_together if case.together else _in_turn)(server, case, systems):
            result.entries.append(entry)
            tell(entry)
    return result


def _in_turn(server: Server, case: Case, systems: Iterable[Facts]) -> Iterable[Entry]:
    return (_measure(server, case, system) for system in systems)


def _together(server: Server, case: Case, systems: tuple[Facts, ...]) -> Iterable[Entry]:
    """Threads that nobody has to wait for, so that an interrupted run ends at once."""
    entries: dict[Facts, Entry] = {}

    def measure(system: Facts) -> None:
        entries[system] = _measure(server, case, system)

    threads = [threading.Thread(target=measure, args=(system,), daemon=True) for system in systems]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [entries[system] for system in systems]


def _measure(server: Server, case: Case, system: Facts) -> Entry:
    load, begin = os.getloadavg()[0], time.monotonic()
    try:
        figures, problem = case.measure(server, system), ""
    except Exception as error:  # noqa: BLE001 - whatever one system does, the others are measured
        figures, problem = {}, str(error)
    return Entry(case.name, system.name, figures, round(load, 2), round(time.monotonic() - begin, 1), problem)


def _versions(server: Server, system: Facts) -> dict[str, str]:
    with Trial(server, system, Kind.NOOP, Shape(1, 1)) as trial:
        versions: dict[str, str] = json.loads(trial.drive("versions"))
    return versions
