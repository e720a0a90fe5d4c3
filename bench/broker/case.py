"""What a case is: a name, the systems it is for, and how one of them is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.broker.server import Server
from bench.broker.systems import QUEUES, Facts

#: Name of a figure, with its unit → value; None: it did not come within the case's cap.
Figures = dict[str, float | None]

Measure = Callable[[Server, Facts], Figures]


@dataclass(frozen=True, slots=True)
class Case:
    """together: the systems wait rather than work, so they are measured at the same time. cap: longest wait (s)."""

    name: str
    measure: Measure
    systems: tuple[Facts, ...] = QUEUES
    together: bool = False
    cap: float = 0.0
