"""What can be wrong with a model's answer, as stable codes.

A problem with the answer or its feedback text makes the answer unusable; one with a criterion leaves a gap. Either
makes the worker ask again, once; prompts/*/again.md holds a sentence for each code, and a test compares the two.
"""

from __future__ import annotations

from enum import StrEnum

from submissions.errors import AnswerFault
from submissions.kinds import Kind


class Problem(StrEnum):
    """A code; also the `reason` of the AnswerFault if it cannot be mended."""

    ANSWER_CUT = "answer_cut"
    ANSWER_BROKE_OFF = "answer_broke_off"
    ANSWER_EMPTY = "answer_empty"
    ANSWER_TOO_LONG = "answer_too_long"
    ANSWER_NOT_JSON = "answer_not_json"
    ANSWER_NOT_OBJECT = "answer_not_object"
    ANSWER_AMBIGUOUS = "answer_ambiguous"
    FEEDBACK_EMPTY = "feedback_empty"
    FEEDBACK_TOO_LONG = "feedback_too_long"
    FEEDBACK_REASONING = "feedback_reasoning"
    FEEDBACK_OTHER_LANGUAGE = "feedback_other_language"
    FEEDBACK_ECHO = "feedback_echo"
    FEEDBACK_HINTS_QUOTED = "feedback_hints_quoted"
    CRITERION_MISSING = "criterion_missing"
    SCORE_UNUSABLE = "score_unusable"
    EXPLANATION_UNUSABLE = "explanation_unusable"


#: With these the rest of the answer still stands; what they concern is left out.
GAPS = frozenset({Problem.CRITERION_MISSING, Problem.SCORE_UNUSABLE, Problem.EXPLANATION_UNUSABLE})


def _kind(problem: Problem, source: str, message: str) -> Kind:
    return Kind(f"{source}, twice", AnswerFault, problem, f"asked twice: {message}")


#: What ends the attempt if the second answer was no better.
KINDS = {
    Problem(kind.reason): kind
    for kind in (
        _kind(
            Problem.ANSWER_CUT,
            'feedback with `done_reason` "length"',
            "the feedback was cut at its length limit: raise AI_FEEDBACK_NUM_PREDICT or AI_FEEDBACK_NUM_CTX",
        ),
        _kind(
            Problem.ANSWER_BROKE_OFF, "feedback that ended otherwise than well", "the feedback broke off or was a loop"
        ),
        _kind(Problem.ANSWER_EMPTY, "no text", "the answer was empty"),
        _kind(Problem.ANSWER_TOO_LONG, "over 100 000 characters", "the answer was far longer than was asked for"),
        _kind(
            Problem.ANSWER_NOT_JSON,
            "text that is no JSON",
            "the answer is not JSON: does the model of AI_FEEDBACK_MODEL honour a format?",
        ),
        _kind(Problem.ANSWER_NOT_OBJECT, "JSON that is no object", "the answer is JSON, but no object"),
        _kind(
            Problem.ANSWER_AMBIGUOUS,
            "two objects, a key twice, other numbers of criteria",
            "the answer can be read in two ways",
        ),
        _kind(Problem.FEEDBACK_EMPTY, "no feedback in it", "the answer holds no feedback text"),
        _kind(Problem.FEEDBACK_TOO_LONG, "a feedback over 6 000 characters", "the feedback is far too long"),
        _kind(Problem.FEEDBACK_REASONING, "reasoning tags in it", "the feedback holds the model's reasoning"),
        _kind(
            Problem.FEEDBACK_OTHER_LANGUAGE,
            "a feedback in another language",
            "the feedback is not in the task's language",
        ),
        _kind(Problem.FEEDBACK_ECHO, "the pupil's text again", "the feedback repeats the pupil's text"),
        _kind(Problem.FEEDBACK_HINTS_QUOTED, "five words of the hints in a row", "the feedback quotes the hints"),
    )
}
