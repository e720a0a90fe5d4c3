"""Answers to a schema satisfy the schema, in its order, and are the same each time."""

import json
from typing import Any

import ollama
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from modelserver.scripted.instances import instance_of

CRITERION = {
    "type": "object",
    "properties": {
        "criterion": {"type": "string", "enum": ["Inhalt", "Sprache"]},
        "score": {"type": "integer", "minimum": 0, "maximum": 10},
        "explanation_md": {"type": "string", "minLength": 20, "maxLength": 60},
    },
    "required": ["criterion", "score", "explanation_md"],
    "additionalProperties": False,
}
REFERRING = {
    "type": "object",
    "properties": {
        "z": {"$ref": "#/$defs/c"},
        "a": {"type": "array", "items": {"$ref": "#/$defs/c"}, "minItems": 3, "maxItems": 3},
    },
    "required": ["z", "a"],
    "$defs": {"c": CRITERION},
}
SCHEMAS: list[dict[str, Any]] = [
    CRITERION,
    REFERRING,
    {"anyOf": [{"type": "null"}, {"type": "number", "exclusiveMinimum": 1, "maximum": 1.5}, {"const": {"a": 1}}]},
    {"type": "array", "prefixItems": [{"const": "a"}, {"type": "boolean"}], "items": False, "minItems": 2},
    {
        "allOf": [{"$ref": "#/$defs/b"}, {"properties": {"y": {"type": "integer"}}, "required": ["y"]}],
        "$defs": {"b": {"type": "object", "properties": {"x": {"type": ["string", "null"]}}, "required": ["x"]}},
    },
    {"type": "integer", "multipleOf": 5, "minimum": 1, "maximum": 12},
    {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}, "required": ["next"]},
]


@pytest.mark.parametrize("schema", SCHEMAS)
@settings(deadline=None)
@given(seed=st.text(max_size=8))
def test_an_instance_satisfies_its_schema(schema: dict[str, Any], seed: str) -> None:
    Draft202012Validator(schema).validate(instance_of(schema, seed))


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_with_a_schema_is_answered_with_an_instance_in_the_schemas_order(
    client: ollama.Client, stream: bool
) -> None:
    message = {"role": "user", "content": "Bewerte den Text."}
    if stream:
        content = "".join(
            part.message.content or ""
            for part in client.chat("scripted-text", [message], format=REFERRING, stream=True)
        )
    else:
        content = client.chat("scripted-text", [message], format=REFERRING).message.content or ""
    answer = json.loads(content)
    Draft202012Validator(REFERRING).validate(answer)
    assert list(answer) == ["z", "a"]
    assert list(answer["z"]) == ["criterion", "score", "explanation_md"]


def test_other_messages_get_other_instances(client: ollama.Client) -> None:
    answers = {client.generate("scripted-text", f"Text {n}", format=CRITERION).response for n in range(6)}
    assert len(answers) > 3


def test_plain_json_format_is_answered_with_an_object(client: ollama.Client) -> None:
    assert isinstance(json.loads(client.generate("scripted-text", "x", format="json").response or ""), dict)


def test_a_schema_with_an_unknown_type_is_a_400(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match="Unrecognized schema") as caught:
        client.generate("scripted-text", "x", format={"type": "date"})
    assert caught.value.status_code == 400
