"""The table of faults: name → parameters → what happens. A new fault is one decorated function in this package.

Its keyword arguments are its parameters and their defaults.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from modelserver.scripted import fields
from modelserver.scripted.fields import Field, InvalidField
from modelserver.scripted.performance import Performance

FaultFunction = Callable[..., Awaitable[None]]

AFTER = fields.whole(0)
TEXT = fields.text()
STATUS = Field(lambda value: isinstance(value, int) and 400 <= value <= 599, "a status from 400 to 599")


@dataclass(frozen=True)
class Fault:
    """A row of the table. `on_arrival`: it strikes before the call waits for a slot."""

    name: str
    inject: FaultFunction
    parameters: Mapping[str, Field] = field(default_factory=dict)
    on_arrival: bool = False


FAULTS: dict[str, Fault] = {}


def fault(name: str, *, on_arrival: bool = False, **parameters: Field) -> Callable[[FaultFunction], FaultFunction]:
    """Enter a function into the table under `name`."""

    def enter(inject: FaultFunction) -> FaultFunction:
        takes = set(inspect.signature(inject).parameters) - {"performance"}
        assert takes == set(parameters), f"{name}: parameters and table differ"
        FAULTS[name] = Fault(name, inject, parameters, on_arrival)
        return inject

    return enter


@dataclass(frozen=True)
class ChosenFault:
    """A fault with the parameters that a rule gives it."""

    fault: Fault
    parameters: Mapping[str, object]

    async def strike(self, performance: Performance) -> None:
        await self.fault.inject(performance, **self.parameters)


def chosen(data: object, where: str) -> ChosenFault:
    """The fault that a rule names. Raises InvalidField."""
    given = {"name": data} if isinstance(data, str) else data
    if not isinstance(given, dict) or given.get("name") not in FAULTS:
        raise InvalidField(f"{where}: must name one of {', '.join(sorted(FAULTS))}")
    row = FAULTS[given["name"]]
    parameters = {name: value for name, value in given.items() if name != "name"}
    return ChosenFault(row, fields.checked(parameters, row.parameters, where))
