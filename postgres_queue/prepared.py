"""Turns a named statement into a prepared one: planned once per connection instead of each time.

Numbers that the plan depends on (limits) are written into the statement, so there is one prepared statement for each of
their values; all others become parameters, of the type that the statement casts them to where it first names them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from postgres_queue.statements import STATEMENTS

_PARAMETER = re.compile(r"%\((\w+)\)s(?:::([\w\[\]]+))?")


@dataclass(frozen=True, slots=True)
class Prepared:
    """`create` prepares it on a connection; `execute` runs it, with psycopg2's named parameters."""

    name: str
    create: str
    execute: str


def prepared(statement: str, literals: Mapping[str, int]) -> Prepared:
    """The prepared form of a named statement with these numbers in it."""
    return _prepared(statement, tuple(sorted(literals.items())))


@lru_cache(maxsize=256)
def _prepared(statement: str, literals: tuple[tuple[str, int], ...]) -> Prepared:
    numbers, types = dict(literals), dict[str, str]()

    def parameter(match: re.Match[str]) -> str:
        name, cast = match.groups()
        if name in numbers:
            return str(int(numbers[name]))
        types.setdefault(name, cast or "integer")
        return f"${list(types).index(name) + 1}"

    text = _PARAMETER.sub(parameter, STATEMENTS[statement])
    name = "_".join([statement, *(f"{value}" for _, value in literals)])
    arguments = ", ".join(f"%({each})s::{cast}" for each, cast in types.items())
    return Prepared(
        name=name,
        create=f"PREPARE {name} ({', '.join(types.values())}) AS {text}",
        execute=f"EXECUTE {name} ({arguments})",
    )
