"""Is a text of the answer fit to be shown to the pupil? Looked at only after its form was found right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from submissions.feedback.folding import Folded, folded, words
from submissions.feedback.language import is_other_language
from submissions.feedback.quoting import echoes, quotes_hints
from submissions.task import TaskContext

#: Times the length that was asked for; a model that ignores the schema may write a little more.
PATIENCE = 4

_REASONING = re.compile(r"</?\s*(?:think|thinking|thought|reasoning|analysis|reflection)\s*>|<\|\w+\|>", re.IGNORECASE)
#: What models write where they have nothing to write, and our own skeleton's dots.
_SAYS_NOTHING = frozenset({"none", "null", "nil", "n a", "na", "nan", "undefined", "string", "text", "feedback", "tbd"})


class Nonsense(StrEnum):
    """Why a text is not shown."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    REASONING = "reasoning"
    OTHER_LANGUAGE = "other_language"
    ECHO = "echo"
    HINTS_QUOTED = "hints_quoted"


@dataclass(frozen=True)
class Material:
    """What an answer is about: the task and the pupil's text, which is folded once for all the looking up."""

    task: TaskContext
    text_md: str

    @cached_property
    def text(self) -> Folded:
        return folded(self.text_md)

    @cached_property
    def written(self) -> list[str]:
        return self.text.words()

    @cached_property
    def known(self) -> list[list[str]]:
        """The words of all that the pupil knows: the own text, the instruction, the criteria."""
        task = self.task
        return [self.written, *map(words, (task.instruction, *(criterion.criterion for criterion in task.criteria)))]


def nonsense_in(text: str, longest: int, material: Material) -> Nonsense | None:
    """The first thing that is wrong with a text for the pupil, or None. `longest`: characters that were asked for."""
    task = material.task
    if says_nothing(text):
        return Nonsense.EMPTY
    if len(text) > PATIENCE * longest:
        return Nonsense.TOO_LONG
    if _REASONING.search(text):
        return Nonsense.REASONING
    if is_other_language(text, task.language, material.known):
        return Nonsense.OTHER_LANGUAGE
    if echoes(text, material.written):
        return Nonsense.ECHO
    return Nonsense.HINTS_QUOTED if quotes_hints(text, task.hints, material.known) else None


def says_nothing(text: str) -> bool:
    """No letters, or a word that stands for nothing."""
    said = " ".join(words(text))
    return not any(character.isalpha() for character in said) or said in _SAYS_NOTHING
