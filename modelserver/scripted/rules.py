"""Rules: which calls they match, and what the answer to those is. The first rule that matches decides.

A rule is `{"match": {…}, "action": {…}}`. A match without fields matches every call; the fields of one must all hold.
`nth` and `times` count the calls that match otherwise: only the nth, or only the first so many; `drawn` takes a share
of them by lot (`draws`). An action without an answer keeps the default answer and changes only how it is given.
`faults` is a list of which each call that the rule takes gets the next.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modelserver.calls import ModelCall
from modelserver.scripted import faults, fields
from modelserver.scripted.answers import image_hash
from modelserver.scripted.draws import Draw
from modelserver.scripted.faults import ChosenFault
from modelserver.scripted.fields import Field, InvalidField
from modelserver.tokens import split


def _any_message(call: ModelCall, holds: Callable[[str], object]) -> bool:
    return any(holds(message.content) for message in call.messages)


MATCHES: Mapping[str, tuple[Field, Callable[[ModelCall, Any], bool]]] = {
    "model": (fields.text(), lambda call, wanted: call.model == wanted),
    "endpoint": (fields.one_of("chat", "generate"), lambda call, wanted: call.endpoint == wanted),
    "has_images": (fields.flag(), lambda call, wanted: bool(call.images) is wanted),
    "has_format": (fields.flag(), lambda call, wanted: (call.format is not None) is wanted),
    "stream": (fields.flag(), lambda call, wanted: call.stream is wanted),
    "contains": (fields.text(), lambda call, wanted: _any_message(call, lambda text: wanted in text)),
    "regex": (fields.pattern(), lambda call, wanted: _any_message(call, re.compile(wanted).search)),
    "image_sha256": (
        fields.text(),
        lambda call, wanted: any(image_hash(image).startswith(wanted) for image in call.images),
    ),
}

_MATCH_FIELDS = {name: field for name, (field, _) in MATCHES.items()} | {
    "nth": fields.whole(1),
    "times": fields.whole(1),
    "drawn": fields.anything(),
}
_ACTION_FIELDS = {
    "text": fields.text(),
    "json": fields.anything(),
    "tokens": fields.texts(),
    "thinking": fields.text(),
    "done_reason": fields.text(),
    "delay": fields.seconds(),
    "tokens_per_second": fields.rate(),
    "prompt_tokens": fields.whole(0),
    "fault": fields.anything(),
}
_ANSWERS = ("text", "json", "tokens")


@dataclass(frozen=True)
class Action:
    """How a call is answered. None means: as without the rule. `delay` is seconds before the first byte."""

    tokens: Sequence[str] | None = None
    thinking: Sequence[str] = ()
    done_reason: str = "stop"
    delay: float = 0.0
    tokens_per_second: float | None = None
    prompt_tokens: int | None = None
    fault: ChosenFault | None = None

    @property
    def fault_name(self) -> str:
        return self.fault.fault.name if self.fault else ""


class Rule:
    """One rule with its count of matching calls."""

    def __init__(self, source: object, where: str) -> None:
        parts = fields.checked(source, {"match": fields.anything(), "action": fields.anything()}, where)
        self.match = fields.checked(parts.get("match", {}), _MATCH_FIELDS, f"{where}.match")
        self._draw = Draw(self.match["drawn"], f"{where}.match.drawn") if "drawn" in self.match else None
        self._actions = itertools.cycle(_actions(parts.get("action", {}), f"{where}.action"))
        self._seen = 0

    def next_action(self) -> Action:
        """What the call gets that the rule has just taken."""
        return next(self._actions)

    def takes(self, call: ModelCall) -> bool:
        """Whether this rule decides this call; counts it if it matches."""
        if not all(MATCHES[name][1](call, self.match[name]) for name in self.match if name in MATCHES):
            return False
        self._seen += 1
        nth, times = self.match.get("nth", self._seen), self.match.get("times", self._seen)
        if self._seen != nth or self._seen > times:  # type: ignore[operator]
            return False
        return self._draw is None or self._draw.takes(call)


class RuleBook:
    """The rules in order. Bad rules are refused as a whole batch; nothing of it takes effect."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def append(self, sources: object) -> int:
        """Add one rule or a list of them; returns how many there are now. Raises InvalidField."""
        self._rules += _parsed(sources)
        return len(self._rules)

    def replace(self, sources: object) -> int:
        self._rules = _parsed(sources)
        return len(self._rules)

    def action_for(self, call: ModelCall) -> Action:
        return next((rule.next_action() for rule in self._rules if rule.takes(call)), Action())


def _parsed(sources: object) -> list[Rule]:
    many = sources if isinstance(sources, list) else [sources]
    return [Rule(source, f"rules[{index}]") for index, source in enumerate(many)]


def _actions(source: object, where: str) -> list[Action]:
    """One action, or one for each of its `faults`."""
    if not isinstance(source, dict) or "faults" not in source:
        return [_action(source, where)]
    rest = {name: value for name, value in source.items() if name != "faults"}
    if not isinstance(source["faults"], list) or not source["faults"] or "fault" in rest:
        raise InvalidField(f"{where}.faults: must be a list of faults that is not empty, without a fault beside it")
    plain = _action(rest, where)
    return [
        replace(plain, fault=faults.chosen(each, f"{where}.faults[{index}]"))
        for index, each in enumerate(source["faults"])
    ]


def _action(source: object, where: str) -> Action:
    given = dict[str, Any](fields.checked(source, _ACTION_FIELDS, where))
    answers = [name for name in _ANSWERS if name in given]
    if len(answers) > 1:
        raise InvalidField(f"{where}.{answers[1]}: must not stand beside {answers[0]}")
    kind = answers[0] if answers else ""
    said = given.pop(kind, None)
    if kind == "json":
        said = json.dumps(said, ensure_ascii=False)
    tokens = said if kind == "tokens" else split(said) if kind else None
    fault = faults.chosen(given.pop("fault"), f"{where}.fault") if "fault" in given else None
    return Action(tokens=tokens, fault=fault, thinking=split(given.pop("thinking", "")), **given)
