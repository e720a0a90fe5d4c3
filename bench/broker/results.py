"""What a run found, as values and as JSON."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.broker.case import Figures


@dataclass(frozen=True, slots=True)
class Entry:
    """One case with one system. load: the machine's load average (1 min) when it began; seconds: how long it took."""

    case: str
    system: str
    figures: Figures
    load: float
    seconds: float
    problem: str = ""


def _machine() -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


@dataclass(frozen=True, slots=True)
class Result:
    """A run. caps: case → longest wait (s); settings: of the server; versions: system → package → version."""

    settings: dict[str, str]
    versions: dict[str, dict[str, str]]
    caps: dict[str, float]
    entries: list[Entry] = field(default_factory=list)
    machine: dict[str, str] = field(default_factory=_machine)
    taken_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="minutes"))

    def value(self, case: str, figure: str, system: str) -> float | None:
        """A figure; None: it did not come in time. Raises KeyError where it was not measured."""
        for entry in self.entries:
            if (entry.case, entry.system) == (case, system):
                return entry.figures[figure]
        raise KeyError(case)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Result:
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**values, "entries": [Entry(**entry) for entry in values["entries"]]})
