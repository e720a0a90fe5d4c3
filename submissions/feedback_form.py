"""The answer that the text model is asked for, and criteria.v2 made from it.

The schema is built for this very task: each criterion has a required key of its own, so neither order nor paraphrase
can move a score to another criterion; reasons come before scores, scores before prose. Strings are bounded, because an
unbounded one lets a small model run on until the answer is cut (measured: reference on embedded models).
What the model did not say is left out: a missing score is never 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from submissions.answers import clean
from submissions.errors import AnswerFault
from submissions.kinds import Kind
from submissions.task import Criterion

SCHEMA_NAME = "criteria.v2"
MAX_OVERALL = 5
#: Characters; llama.cpp's grammar accepts repetitions of this size.
EXPLANATION_LENGTH = 500
FEEDBACK_LENGTH = 1500

NOT_JSON = Kind("text that is no JSON", AnswerFault, "answer_not_json", "the model's answer is not JSON")
NOT_AN_OBJECT = Kind("JSON that is no object", AnswerFault, "answer_not_object", "the model's answer is no JSON object")
NO_FEEDBACK = Kind("no feedback in it", AnswerFault, "feedback_empty", "the model's answer holds no feedback text")
KINDS = (NOT_JSON, NOT_AN_OBJECT, NO_FEEDBACK)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is stored: Markdown for the pupil, an analysis that satisfies criteria.v2, and how the answer was read."""

    feedback_md: str
    analysis: Mapping[str, Any]
    #: parsed_structured, or parsed_partial if a score or an explanation is missing.
    parse_status: str


def keys_of(criteria: Sequence[Criterion]) -> list[str]:
    """The key of each criterion in the answer, in order."""
    return [f"criterion_{number}" for number, _ in enumerate(criteria, start=1)]


def listing(criteria: Sequence[Criterion]) -> str:
    """The criteria as the prompt shows them, one line each, with key and maximum."""
    return "\n".join(
        f"- {key} (0–{criterion.max_score}): {criterion.criterion}"
        for key, criterion in zip(keys_of(criteria), criteria, strict=True)
    )


def answer_schema(criteria: Sequence[Criterion]) -> dict[str, Any]:
    """The JSON schema of the answer, properties in the order in which they are to be written."""
    properties: dict[str, Any] = {
        key: _object(
            {
                "explanation": {"type": "string", "minLength": 1, "maxLength": EXPLANATION_LENGTH},
                "score": {"type": "integer", "minimum": 0, "maximum": criterion.max_score},
            }
        )
        for key, criterion in zip(keys_of(criteria), criteria, strict=True)
    }
    if criteria:
        properties["overall_score"] = {"type": "integer", "minimum": 0, "maximum": MAX_OVERALL}
    properties["feedback"] = {"type": "string", "minLength": 1, "maxLength": FEEDBACK_LENGTH}
    return _object(properties)


def read_answer(text: str, criteria: Sequence[Criterion]) -> Feedback:
    """The model's answer as feedback. Raises AnswerFault if it is no such object, or holds no feedback."""
    try:
        answer = json.loads(clean(text))
    except ValueError:
        raise NOT_JSON() from None
    if not isinstance(answer, dict):
        raise NOT_AN_OBJECT()
    feedback_md = _text(answer.get("feedback"))
    if not feedback_md:
        raise NO_FEEDBACK()
    results = [_result(answer.get(key), criterion) for key, criterion in zip(keys_of(criteria), criteria, strict=True)]
    analysis: dict[str, Any] = {"schema": SCHEMA_NAME}
    overall = _score(answer.get("overall_score"), MAX_OVERALL)
    if overall is not None:
        analysis["score"] = overall
    analysis["criteria_results"] = results
    whole = all("score" in result and result["explanation_md"] for result in results)
    return Feedback(feedback_md, analysis, "parsed_structured" if whole else "parsed_partial")


def _result(raw: object, criterion: Criterion) -> dict[str, Any]:
    """One entry of criteria_results; the name is the teacher's, whatever the model calls it."""
    said = raw if isinstance(raw, dict) else {}
    result: dict[str, Any] = {"criterion": criterion.criterion}
    score = _score(said.get("score"), criterion.max_score)
    if score is not None:
        result["score"] = score
    return result | {"max_score": criterion.max_score, "explanation_md": _text(said.get("explanation"))}


def _score(raw: object, best: int) -> int | None:
    """Whole points in range, or nothing: a number that makes no sense was not said."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw) or raw != int(raw):
        return None
    return int(raw) if 0 <= raw <= best else None


def _text(raw: object) -> str:
    return clean(raw) if isinstance(raw, str) else ""


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
