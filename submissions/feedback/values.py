"""What an answer gave, and what is stored: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from submissions.feedback.problems import GAPS, Problem
from submissions.model_server.values import together


class ParseStatus(StrEnum):
    """How the answer became the result; stands in learning_results."""

    STRUCTURED = "parsed_structured"  # the answer had the keys that were asked for and no others, each of its kind
    REPAIRED = "parsed_repaired"  # it had, after a repair that can only be right
    PARTIAL = "parsed_partial"  # something is left out, because the model did not say it usably
    NOTHING = "nothing_to_assess"  # no model was asked: the text is blank


class Repair(StrEnum):
    """What was mended without asking; each can only be right."""

    REASONING_REMOVED = "reasoning_removed"  # <think>…</think> before the object
    FENCE_REMOVED = "fence_removed"  # ``` around it
    TEXT_AROUND_REMOVED = "text_around_removed"  # words before or after it
    UNKNOWN_KEYS_DROPPED = "unknown_keys_dropped"  # keys that nobody asked for
    MISSING_KEYS = "missing_keys"  # no evidence, or no overall score and none to be derived: taken for none
    LATEX_RESTORED = "latex_restored"  # \frac and its like, which JSON had read as a control character and "rac"
    SHORTENED = "shortened"  # a text that filled its bound lost its unfinished last sentence
    OVERALL_DERIVED = "overall_derived"  # the model gave no overall score (scores.derived_overall)
    SECTIONS_MERGED = "sections_merged"  # a long text was judged in sections (merging.merged)


class EvidenceStatus(StrEnum):
    """What became of the quote."""

    FOUND = "found"
    NOT_FOUND = "not_found"  # dropped: the pupil did not write it
    NONE = "none"  # the model quoted nothing


@dataclass(frozen=True, slots=True)
class CriterionReading:
    """What was said on one criterion: whole points or None, texts or "". `left_out`: what is missing → why."""

    score: int | None = None
    explanation: str = ""
    evidence: str = ""
    evidence_status: EvidenceStatus = EvidenceStatus.NONE
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def given(self) -> int:
        return (self.score is not None) + bool(self.explanation)


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer as far as it can be believed; `criteria` are in the teacher's order."""

    feedback_md: str = ""
    criteria: tuple[CriterionReading, ...] = ()
    overall: int | None = None
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @classmethod
    def unusable(cls, problem: Problem) -> Self:
        return cls(problems=(problem,))

    @property
    def usable(self) -> bool:
        return GAPS.issuperset(self.problems)

    @property
    def worth(self) -> tuple[bool, int, int]:
        """For comparing two readings: usable first, then how much was said, then how little is wrong with it."""
        return self.usable, sum(criterion.given for criterion in self.criteria), -len(self.problems)

    @property
    def parse_status(self) -> ParseStatus:
        if self.problems:
            return ParseStatus.PARTIAL
        return ParseStatus.REPAIRED if self.repairs else ParseStatus.STRUCTURED


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is stored: Markdown for the pupil, an analysis that satisfies criteria.v2, and what stands beside it.

    `details` is JSON (docs/feedback.md lists its keys); its evidence quotes the pupil, so it belongs where row-level
    security holds and never into a log. `model` is "" if none was asked.
    """

    feedback_md: str
    analysis: Mapping[str, Any]
    details: Mapping[str, Any]
    parse_status: ParseStatus

    @property
    def cost(self) -> dict[str, Any]:
        """What the calls cost together, and how the last one ended; {} if there was none."""
        return together(self.details["calls"])

    @property
    def model(self) -> str:
        return str(self.details["model"])

    @property
    def prompt_version(self) -> str:
        return str(self.details["prompt_version"])
