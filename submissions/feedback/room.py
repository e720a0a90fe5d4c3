"""How much goes into one question: the context, less the answer, less asking again, less the task's part.

Settings: AI_FEEDBACK_NUM_CTX, AI_FEEDBACK_NUM_PREDICT, AI_FEEDBACK_LONG_TEXT, AI_THINK_LEVEL. Caveat: it is an
estimate. Where it is wrong, the model server refuses the prompt (`truncate: false`) and tells how long it was, or says
that the answer was cut; nothing is lost in silence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from submissions.errors import InputFault
from submissions.feedback.estimate import ASCII_LETTER, MARGIN, TokenEstimate
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
    """`num_ctx` and `num_predict` in tokens; `denser`: tokens of this pupil's text for each that is estimated."""

    num_ctx: int
    num_predict: int
    think: str = "off"
    long_text: LongText = LongText.SECTIONS
    estimate: TokenEstimate = field(default_factory=TokenEstimate)
    denser: float = 1.0

    @classmethod
    def of(cls, settings: Settings, estimate: TokenEstimate) -> Self:
        return cls(
            settings.feedback_num_ctx,
            settings.feedback_num_predict,
            settings.think_level,
            LongText(settings.feedback_long_text),
            estimate,
        )

    def beside(self, question: Question, text: str) -> float:
        """Tokens that are left beside a question on a text, if it is to be asked again and answered at full length."""
        answer = min(self.num_predict, longest_answer(question.format) + THINKING[self.think])
        return self.num_ctx - answer - AGAIN - self._asked(question, text)

    def tokens(self, text: str) -> float:
        """Tokens of the pupil's text, or a part of it."""
        return self.estimate.tokens_within(text) * self.denser

    def taught(self, question: Question, text: str, counted: int) -> Self:
        """After a question that the server found too long, with its count: so much denser is the text than was thought.

        Without a count, or where it is no more than was thought (the model's own context may be smaller than the
        settings say), it is taken to be twice as dense, so that a finer division is tried.
        """
        surplus, tokens = counted - self._asked(question, text), self.tokens(text)
        return replace(self, denser=self.denser * ((tokens + surplus) / tokens * MARGIN if surplus > 0 else 2))

    def _asked(self, question: Question, text: str) -> float:
        """Tokens of a question. All but the pupil's text is as dense as texts are."""
        contents = [message.content for message in question.messages]
        return self.estimate.tokens(contents) - self.estimate.tokens_within(text) + self.tokens(text)


def longest_answer(schema: Mapping[str, Any]) -> int:
    """Tokens of the longest answer that satisfies a schema of `form`."""
    parts = schema.get("properties", {}).values()
    letters: int = schema.get("maxLength", 0)
    return math.ceil(letters * ASCII_LETTER) + AROUND_A_VALUE + sum(map(longest_answer, parts))
