"""What one check says: nothing to do, something to know, or something to mend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from submissions.errors import Fault, SetupFault


class Level(StrEnum):
    """How much a finding matters. Work goes on in spite of a warning."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """`id` is stable; `hint` says what to do; `away`: nobody has to mend anything here, something does not answer."""

    id: str
    level: Level
    message: str
    hint: str = ""
    away: bool = False

    def as_warning(self) -> Finding:
        """The same where it shall keep nobody from starting."""
        return replace(self, level=Level.WARNING) if self.level is Level.ERROR else self


def fine(name: str, message: str) -> Finding:
    return Finding(name, Level.OK, message)


def warning(name: str, message: str, hint: str) -> Finding:
    return Finding(name, Level.WARNING, message, hint)


def wrong(name: str, message: str, hint: str) -> Finding:
    """The setup has to be mended."""
    return Finding(name, Level.ERROR, message, hint)


def told(name: str, problem: Exception, *, away: bool) -> Finding:
    """What one of our own exceptions says: `what is wrong: what to do`."""
    message, _, hint = str(problem).partition(": ")
    return Finding(name, Level.ERROR, message, hint, away)


def met(name: str, fault: Fault) -> Finding:
    """A fault that an attempt would have met."""
    return told(name, fault, away=not isinstance(fault, SetupFault))
