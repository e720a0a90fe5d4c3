"""How much goes into one question: the context, less the answer, less asking again, less the task's part.

Settings: AI_FEEDBACK_NUM_CTX, AI_FEEDBACK_NUM_PREDICT, AI_FEEDBACK_LONG_TEXT, AI_THINK_LEVEL. Caveat: it is an
estimate. Where it is wrong, the model server refuses the prompt (`truncate: false`) or says that the answer was cut;
nothing is lost in silence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from submissions.errors import InputFault
from submissions.feedback.estimate import ASCII_LETTER, TokenEstimate
from submissions.feedback.question import Question
from submissions.kinds import Kind
from submissions.lifecycle import ErrorCode
from submissions.settings import Settings

TEXT_TOO_LONG = Kind(
    "a text that does not fit into one question, with AI_FEEDBACK_LONG_TEXT=refuse",
    InputFault,
    "text_too_long",
    "the text does not fit into AI_FEEDBACK_NUM_CTX: raise it, or set AI_FEEDBACK_LONG_TEXT=sections",
    ErrorCode.INPUT_TOO_LARGE,
)

#: Tokens of the reasons that are added when asking again.
AGAIN = 250
#: Tokens that models think at each level, before they answer. They belong to the answer's length.
THINKING = {"off": 0, "low": 300, "medium": 1000, "high": 2500}
#: Tokens around each value of the answer: its key, quotation marks, white space.
AROUND_A_VALUE = 12


class LongText(StrEnum):
    """What becomes of a text that does not fit into one question."""

    SECTIONS = "sections"  # judged section by section, and merged
    REFUSE = "refuse"  # it fails as input_too_large


@dataclass(frozen=True, slots=True)
class Room:
    """`num_ctx` and `num_predict` in tokens."""

    num_ctx: int
    num_predict: int
    think: str = "off"
    long_text: LongText = LongText.SECTIONS
    estimate: TokenEstimate = field(default_factory=TokenEstimate)

    @classmethod
    def of(cls, settings: Settings, estimate: TokenEstimate) -> Self:
        return cls(
            settings.feedback_num_ctx,
            settings.feedback_num_predict,
            settings.think_level,
            LongText(settings.feedback_long_text),
            estimate,
        )

    def beside(self, question: Question) -> float:
        """Tokens that are left beside a question, when it has to be asked again and answered at full length."""
        answer = min(self.num_predict, longest_answer(question.format) + THINKING[self.think])
        asked = self.estimate.tokens(message.content for message in question.messages)
        return self.num_ctx - answer - AGAIN - asked

    def tokens(self, text: str) -> float:
        """Tokens of a part of a message."""
        return self.estimate.tokens_within(text)


def longest_answer(schema: Mapping[str, Any]) -> int:
    """Tokens of the longest answer that satisfies a schema of `form`."""
    parts = schema.get("properties", {}).values()
    letters: int = schema.get("maxLength", 0)
    return math.ceil(letters * ASCII_LETTER) + AROUND_A_VALUE + sum(map(longest_answer, parts))
