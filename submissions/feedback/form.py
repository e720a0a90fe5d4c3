"""The answer that the text model is asked for: a JSON schema for this very task, and its skeleton for the prompt.

Each criterion has a required key of its own, so neither order nor paraphrase can move a score to another one. Reasons
come before scores, scores before prose: a model that has to explain first is bound by what it wrote. Strings are
bounded, because an unbounded one lets a small model run on until the answer is cut; llama.cpp's grammars take
repetitions up to 2 000.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from submissions.task import Criterion

MAX_OVERALL = 5
#: Characters.
EXPLANATION_LENGTH = 500
EVIDENCE_LENGTH = 240
FEEDBACK_LENGTH = 1500
#: Of each criterion, in the order in which they are to be written.
CRITERION_KEYS = ("explanation", "evidence", "score")


def keys_of(criteria: Sequence[Criterion]) -> list[str]:
    """The key of each criterion in the answer, in order."""
    return [f"criterion_{number}" for number, _ in enumerate(criteria, start=1)]


def listing(criteria: Sequence[Criterion]) -> str:
    """The criteria as the prompt shows them: one line each, with key and maximum."""
    return "\n".join(
        f"- {key} (0–{criterion.max_score}): {' '.join(criterion.criterion.split())}"
        for key, criterion in zip(keys_of(criteria), criteria, strict=True)
    )


def skeleton(criteria: Sequence[Criterion]) -> str:
    """The form in one line, for the prompt: Ollama does not show the schema to the model (reference §4)."""
    parts = [
        f'"{key}": {{"explanation": "…", "evidence": "…", "score": 0–{criterion.max_score}}}'
        for key, criterion in zip(keys_of(criteria), criteria, strict=True)
    ]
    parts += [f'"overall_score": 0–{MAX_OVERALL}'] if criteria else []
    return "{" + ", ".join([*parts, '"feedback": "…"']) + "}"


def answer_schema(criteria: Sequence[Criterion]) -> dict[str, Any]:
    """The JSON schema of the answer, properties in the order in which they are to be written."""
    properties: dict[str, Any] = {
        key: _object(
            {
                "explanation": _text(EXPLANATION_LENGTH, least=1),
                "evidence": _text(EVIDENCE_LENGTH),
                # null: this criterion cannot be judged by this text. Without that way out a model has to invent.
                "score": {"type": ["integer", "null"], "minimum": 0, "maximum": criterion.max_score},
            }
        )
        for key, criterion in zip(keys_of(criteria), criteria, strict=True)
    }
    if criteria:
        properties["overall_score"] = {"type": "integer", "minimum": 0, "maximum": MAX_OVERALL}
    return _object({**properties, "feedback": _text(FEEDBACK_LENGTH, least=1)})


def _text(longest: int, least: int = 0) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": longest}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
