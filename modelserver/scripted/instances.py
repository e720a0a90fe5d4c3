"""An instance of a JSON schema, made deterministically from a seed: what a constrained model would answer.

Understands what llama.cpp's grammar does and structured-output clients send: type, properties (their order is kept),
required, items, prefixItems, minItems/maxItems, minLength/maxLength, bounds, multipleOf, enum, const, $ref/$defs,
anyOf/oneOf, allOf. Caveat: `pattern` and `format` of strings are not honoured.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

from modelserver.errors import from_llama_server

Schema = Mapping[str, Any]

#: Of no language: an answer in the wrong one may be refused.
_WORDS = (
    "lorem",
    "ipsum",
    "dolor",
    "amet",
    "magna",
    "aliqua",
    "tempor",
    "labore",
    "veniam",
    "nostrud",
    "cillum",
    "fugiat",
)
_DEEPEST = 8


def instance_of(schema: Schema, seed: str) -> object:
    """A value that satisfies `schema`; the same for the same seed. Raises ApiError 400 for an unknown type."""
    return _Maker(schema, random.Random(seed)).make(schema, 0)


class _Maker:
    """Walks one schema with one source of chance."""

    def __init__(self, root: Schema, chance: random.Random) -> None:
        self._root = root
        self._chance = chance
        self._makers: dict[str, Callable[[Schema, int], object]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._integer,
            "number": self._number,
            "boolean": lambda _schema, _depth: self._chance.random() < 0.5,
            "null": lambda _schema, _depth: None,
        }

    def make(self, schema: Schema, depth: int) -> object:
        if "$ref" in schema:
            return self.make({**self._resolved(schema["$ref"]), **_without(schema, "$ref")}, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._chance.choice(schema["enum"])
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self.make({**_without(schema, union), **self._branch(schema[union], depth)}, depth)
        if "allOf" in schema:
            return self.make(self._merged(schema), depth)
        return self._makers[self._type(schema, depth)](schema, depth)

    def _type(self, schema: Schema, depth: int) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = "null" if depth > _DEEPEST and "null" in kind else self._chance.choice(kind)
        if kind is None:
            guesses = {"properties": "object", "items": "array", "minLength": "string", "minimum": "number"}
            kind = next((guess for key, guess in guesses.items() if key in schema), "string")
        if kind not in self._makers:
            raise from_llama_server(400, f"Unrecognized schema: {dict(schema)}", "invalid_request_error")
        return str(kind)

    def _branch(self, branches: list[Schema], depth: int) -> Schema:
        """A branch by chance; deep down one without a reference, so that recursive schemas come to an end."""
        if depth > _DEEPEST:
            flat = [branch for branch in branches if "$ref" not in branch]
            return (flat or branches)[0]
        return self._chance.choice(branches)

    def _merged(self, schema: Schema) -> Schema:
        merged: dict[str, Any] = _without(schema, "allOf")
        for part in schema["allOf"]:
            full = {**self._resolved(part["$ref"]), **_without(part, "$ref")} if "$ref" in part else part
            properties = {**merged.get("properties", {}), **full.get("properties", {})}
            required = [*merged.get("required", []), *full.get("required", [])]
            merged = {**merged, **full, **({"properties": properties, "required": required} if properties else {})}
        return merged

    def _resolved(self, reference: str) -> Schema:
        target: Any = self._root
        for step in reference.removeprefix("#").strip("/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")] if step else target
        return dict(target)

    def _object(self, schema: Schema, depth: int) -> object:
        required = schema.get("required", [])
        wanted = {
            name: part for name, part in schema.get("properties", {}).items() if name in required or depth <= _DEEPEST
        }
        return {name: self.make(part, depth + 1) for name, part in wanted.items()}

    def _array(self, schema: Schema, depth: int) -> object:
        first = [self.make(part, depth + 1) for part in schema.get("prefixItems", [])]
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", max(least, 2))
        count = least if depth > _DEEPEST else self._chance.randint(least, most)
        items = schema.get("items", {"type": "string"})
        if items is False:
            return first
        return first + [self.make(items, depth + 1) for _ in range(count - len(first))]

    def _string(self, schema: Schema, _depth: int) -> object:
        least, most = schema.get("minLength", 0), schema.get("maxLength", 120)
        words = [self._chance.choice(_WORDS) for _ in range(max(6, least // 2))]
        text = " ".join(words) + "."
        return text[:most].ljust(least, ".")

    def _integer(self, schema: Schema, _depth: int) -> object:
        step = schema.get("multipleOf", 1)
        low, high = _bounds(schema, 1)
        return self._chance.randint(math.ceil(low / step), math.floor(high / step)) * step

    def _number(self, schema: Schema, depth: int) -> object:
        if "multipleOf" in schema:
            return self._integer(schema, depth)
        low, high = _bounds(schema, 0.001)
        return min(high, max(low, round(self._chance.uniform(low, high), 3)))


def _bounds(schema: Schema, inside: float) -> tuple[float, float]:
    """The smallest and the largest value; `inside` is how far an exclusive bound is moved."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + inside
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - inside
    if low is None:
        low = 0 if high is None or high >= 0 else high - 10
    return low, low + 10 if high is None else high


def _without(schema: Schema, key: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != key}
