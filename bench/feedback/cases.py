"""The texts to be judged: tasks/*.yaml, each a task with texts from blank to excellent and one attempt to steer.

Of each text the points of every criterion are known within a band ([least, most]; null: none may be given). `secrets`
are words of the hints that a pupil must not get to read. The attempt is the text `into` with an order at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from submissions.task import TaskContext, task_from

FOLDER = Path(__file__).parent / "tasks"
TASK_KEYS = ("language", "instruction", "criteria", "hints")

Band = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One text under one task. `steers`: the name of the honest text that it repeats before it gives orders, or ""."""

    task_name: str
    name: str
    task: TaskContext
    text: str
    bands: tuple[Band | None, ...]
    secrets: tuple[str, ...]
    steers: str = ""

    @property
    def is_blank(self) -> bool:
        return all(band is None for band in self.bands)


def cases(folder: Path = FOLDER) -> list[Case]:
    """All texts, those of one task side by side, as a class hands them in."""
    return [case for path in sorted(folder.glob("*.yaml")) for case in _of_task(path)]


def _of_task(path: Path) -> Sequence[Case]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    task = task_from({key: content[key] for key in TASK_KEYS})
    secrets = tuple(content["secrets"])
    honest = [
        Case(path.stem, each["name"], task, each["text"].strip(), tuple(map(_band, each["bands"])), secrets)
        for each in content["texts"]
    ]
    steering = content["injection"]
    base = next(case for case in honest if case.name == steering["into"])
    text = f"{base.text}\n\n{steering['text']}"
    return [*honest, Case(path.stem, f"{base.name}, steering", task, text, base.bands, secrets, base.name)]


def _band(raw: list[int] | None) -> Band | None:
    return None if raw is None else (raw[0], raw[1])
