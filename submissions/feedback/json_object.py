"""The one JSON object in a model's answer.

Only repairs that can but be right are made: reasoning before the object, a fence around it, words before and after it.
A second object, a key that comes twice, a list around it, an object that is cut: all that is refused, because choosing
would be guessing. An object *within* a broken one is never taken for the answer.
"""

from __future__ import annotations

import json
import re
from typing import Any

from submissions.feedback.problems import Problem
from submissions.feedback.values import Repair

#: Characters; a full answer to ten criteria has some 9 000.
LONGEST = 100_000

#: Whether it was opened or not: some chat templates open it themselves.
_REASONING = re.compile(r"\A.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
#: Where it is not closed, or a gpt-oss channel other than the final one: what follows may be a draft.
_STILL_REASONING = re.compile(r"</?think(?:ing)?>|<\|channel\|>(?!final)", re.IGNORECASE)
_FENCE = re.compile(r"```\w*")


class NoObject(Exception):
    """The answer holds no object that can be taken for certain; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def find_object(answer: str) -> tuple[dict[str, Any], tuple[Repair, ...]]:
    """The object, and what had to be taken off to find it. Raises NoObject."""
    answer = answer.strip().strip("\ufeff").strip()
    if not answer:
        raise NoObject(Problem.ANSWER_EMPTY)
    if len(answer) > LONGEST:
        raise NoObject(Problem.ANSWER_TOO_LONG)
    try:
        return _object(_parsed(answer)), ()
    except ValueError:
        return _within(answer)


def _within(answer: str) -> tuple[dict[str, Any], tuple[Repair, ...]]:
    """The object with something around it."""
    rest = _REASONING.sub("", answer)
    repairs = [Repair.REASONING_REMOVED] if rest != answer else []
    start = rest.find("{")
    if start < 0 or _STILL_REASONING.search(rest[:start]):
        raise NoObject(Problem.ANSWER_NOT_JSON)
    try:
        value, end = _DECODER.raw_decode(rest, start)
    except (ValueError, RecursionError):
        raise NoObject(Problem.ANSWER_NOT_JSON) from None
    before, after = rest[:start], rest[end:]
    if _FENCE.sub("", before).rstrip().endswith("["):
        raise NoObject(Problem.ANSWER_NOT_OBJECT)
    if "{" in after:
        raise NoObject(Problem.ANSWER_AMBIGUOUS)
    around = before + after
    repairs += [Repair.FENCE_REMOVED] * ("```" in around)
    repairs += [Repair.TEXT_AROUND_REMOVED] * bool(_FENCE.sub("", around).strip())
    return value, tuple(repairs)


def _parsed(text: str) -> object:
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise NoObject(Problem.ANSWER_NOT_JSON) from None


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NoObject(Problem.ANSWER_NOT_OBJECT)
    return value


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Python would silently keep the last one."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise NoObject(Problem.ANSWER_AMBIGUOUS)
    return dict(pairs)


_DECODER = json.JSONDecoder(object_pairs_hook=_each_key_once)
