"""The task context: what the teacher asked for, as it was when the submission was handed in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from submissions.errors import HandInRefused

#: The incumbent's limits: at most ten criteria, ten points each.
MAX_CRITERIA = 10
MAX_SCORE = 10

LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is looked at. `max_score` is from 1 to 10 points."""

    criterion: str
    max_score: int = MAX_SCORE


@dataclass(frozen=True, slots=True)
class TaskContext:
    """Instruction, criteria in the teacher's order, hints (for the model alone), language of the feedback."""

    instruction: str
    criteria: tuple[Criterion, ...] = ()
    hints: str = ""
    language: str = "de"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_task(path: Path) -> TaskContext:
    """Read a task file, YAML or JSON. Raises HandInRefused in one line that says what to change."""
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise HandInRefused(f"the task file {str(path)!r} cannot be read: is it there, and may it be read?") from None
    try:
        raw = json.loads(content) if path.suffix == ".json" else yaml.safe_load(content)
    except (ValueError, yaml.YAMLError):
        raise HandInRefused(f"the task file {str(path)!r} is neither YAML nor JSON") from None
    return task_from(raw)


def task_from(raw: object) -> TaskContext:
    """The task context of a mapping with the keys instruction, criteria, hints and language."""
    if not isinstance(raw, dict):
        raise HandInRefused("a task is a mapping with the keys instruction, criteria, hints and language")
    unknown = sorted(set(map(str, raw)) - {"instruction", "criteria", "hints", "language"})
    if unknown:
        raise HandInRefused(f"a task has no key {unknown[0]!r}: use instruction, criteria, hints, language")
    instruction = raw.get("instruction")
    if not isinstance(instruction, str) or not instruction.strip():
        raise HandInRefused("a task needs an instruction: a text that is not blank")
    language = raw.get("language") or "de"
    if language not in LANGUAGES:
        raise HandInRefused(f"the language of a task is one of {', '.join(LANGUAGES)}")
    hints = raw.get("hints") or ""
    if not isinstance(hints, str):
        raise HandInRefused("the hints of a task are a text")
    return TaskContext(instruction.strip(), _criteria(raw.get("criteria")), hints.strip(), language)


def _criteria(raw: object) -> tuple[Criterion, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list) or len(raw) > MAX_CRITERIA:
        raise HandInRefused(f"the criteria of a task are a list of at most {MAX_CRITERIA}")
    return tuple(_criterion(item) for item in raw)


def _criterion(raw: object) -> Criterion:
    if isinstance(raw, dict) and set(raw) <= {"criterion", "max_score"}:
        name, best = raw.get("criterion"), raw.get("max_score", MAX_SCORE)
    else:
        name, best = raw, MAX_SCORE
    if not isinstance(name, str) or not name.strip():
        raise HandInRefused("each criterion is a text, or a mapping with criterion and max_score")
    if not isinstance(best, int) or isinstance(best, bool) or not 1 <= best <= MAX_SCORE:
        raise HandInRefused(f"the max_score of a criterion is a whole number from 1 to {MAX_SCORE}")
    return Criterion(name.strip(), best)
