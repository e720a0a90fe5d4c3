"""A kind of fault, declared: where it comes from, whose fault it is, its reason and its message.

Each module that meets faults declares its kinds, and raises one by calling it. `verdicts.py` collects the declarations
for docs/verdicts.md, and a test sees to it that nobody makes a fault in any other way.
"""

from __future__ import annotations

from dataclasses import dataclass

from submissions.errors import Fault
from submissions.lifecycle import ErrorCode


@dataclass(frozen=True, slots=True)
class Kind:
    """`source` says what is seen from outside; in `message`, `{name}`s are filled when it is raised."""

    source: str
    fault: type[Fault]
    reason: str
    message: str
    error_code: ErrorCode | None = None

    def __call__(self, **names: object) -> Fault:
        """The fault, to be raised."""
        return self.fault(self.reason, self.message.format(**names), self.error_code)
