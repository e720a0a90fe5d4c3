"""Which calls a rule takes by lot: a share of them, the same ones for the same seed, and none too often.

    {"share": 0.2, "seed": 7, "same": "Name \\d+", "at_most": 3}

A call is drawn anew each time it comes, by what it asks and how often that was asked before. Two calls ask the same
if their images are the same and `same` finds the same in their messages; without it, if they say the same.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any

from modelserver.calls import ModelCall
from modelserver.scripted import fields
from modelserver.scripted.fields import Field

_FIELDS: dict[str, Field] = {
    "share": Field(lambda value: isinstance(value, int | float) and 0 <= value <= 1, "a number from 0 to 1"),
    "seed": fields.whole(0),
    "same": fields.pattern(),
    "at_most": fields.whole(1),
}


class Draw:
    """The lot of one rule, with its memory. Raises InvalidField for what is no such object."""

    def __init__(self, source: object, where: str) -> None:
        given = dict[str, Any](fields.checked(source, _FIELDS, where))
        self._share = float(given.get("share", 1.0))
        self._seed = given.get("seed", 0)
        self._same = re.compile(given.get("same", r"(?s).+"))
        self._at_most = given.get("at_most")
        self._asked: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()

    def takes(self, call: ModelCall) -> bool:
        """Whether this call is drawn, this time; counts it."""
        asks = self._what_it_asks(call)
        self._asked[asks] += 1
        if self._at_most is not None and self._taken[asks] >= self._at_most:
            return False
        drawn: bool = _fraction(f"{self._seed} {asks} {self._asked[asks]}") < self._share
        self._taken[asks] += drawn
        return drawn

    def _what_it_asks(self, call: ModelCall) -> str:
        digest = hashlib.sha256()
        for message in call.messages:
            found = self._same.search(message.content)
            digest.update(b"\0" + (found.group().encode() if found else b""))
        for image in call.images:
            digest.update(b"\1" + hashlib.sha256(image).digest())
        return digest.hexdigest()


def _fraction(text: str) -> float:
    """A number from 0 to 1 that follows from a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32
