"""Checks of JSON that a test or script hands in: every refusal is one line that names the field.

A table of `Field`s per kind of object says what is allowed; there is no other validation of control input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


class InvalidField(ValueError):
    """<field>: must be <what is allowed>. Correct that field of the rule or configuration."""


@dataclass(frozen=True)
class Field:
    """One allowed field: a test of its value and the words that complete "must be …"."""

    accepts: Callable[[object], bool]
    words: str


def checked(data: object, fields: Mapping[str, Field], where: str) -> dict[str, object]:
    """`data` if it is an object of allowed fields with allowed values. Raises InvalidField naming `where.field`."""
    if not isinstance(data, dict):
        raise InvalidField(f"{where}: must be a JSON object")
    for name, value in data.items():
        if name not in fields:
            raise InvalidField(f"{where}.{name}: unknown field; allowed are {', '.join(sorted(fields))}")
        if not fields[name].accepts(value):
            raise InvalidField(f"{where}.{name}: must be {fields[name].words}")
    return data


def whole(least: int) -> Field:
    return Field(lambda value: _is_int(value) and value >= least, f"a whole number of at least {least}")  # type: ignore[operator]


def seconds() -> Field:
    return Field(lambda value: _is_number(value) and value >= 0, "a number of seconds, 0 or more")  # type: ignore[operator]


def rate() -> Field:
    return Field(lambda value: _is_number(value) and value >= 0, "tokens per second, 0 for no limit")  # type: ignore[operator]


def text() -> Field:
    return Field(lambda value: isinstance(value, str), "a text")


def texts() -> Field:
    return Field(
        lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value), "a list of texts"
    )


def flag() -> Field:
    return Field(lambda value: isinstance(value, bool), "true or false")


def one_of(*allowed: str) -> Field:
    return Field(lambda value: value in allowed, f"one of {', '.join(allowed)}")


def pattern() -> Field:
    return Field(_is_pattern, "a regular expression")


def anything() -> Field:
    return Field(lambda _value: True, "any JSON value")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_pattern(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False
