"""Numbers on the command line, as types for argparse: what is out of bounds is wrong use, told in one line."""

from __future__ import annotations

from argparse import ArgumentTypeError


def whole_number(text: str, low: int, high: int) -> int:
    """A whole number within bounds, both allowed."""
    if not text.removeprefix("-").isdecimal() or not low <= int(text) <= high:
        raise ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(text)


def a_count(text: str) -> int:
    """How many, at least one."""
    return whole_number(text, 1, 1_000_000)
