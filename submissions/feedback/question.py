"""What the text model is asked: the task's part first, the same for all pupils of a task; then the pupil's own message.

Asking again adds to the end of the pupil's message why the last answer was of no use; all before it stays in the
server's cache. (A third message would be simpler, but many chat templates refuse two user messages in a row.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from submissions.feedback.boundary import boundary_for
from submissions.feedback.control_tokens import neutralised
from submissions.feedback.form import answer_schema, listing, skeleton
from submissions.feedback.problems import Problem
from submissions.feedback.sense import Material
from submissions.model_server.values import THINK_OFF, Message
from submissions.prompts import Prompts, Purpose

#: Added to the temperature when asking again: the same sampling tends to the same mistake.
WARMER, WARMEST = 0.3, 1.0
NOTHING = "–"
#: With these, asking again is without thinking. Ollama holds a thinking model to the form only after its thoughts: if
#: it thinks none it is held to nothing (reference §4), and if it thinks on and on its answer is cut.
FORMLESS = frozenset(
    {
        Problem.ANSWER_CUT,
        Problem.ANSWER_BROKE_OFF,
        Problem.ANSWER_EMPTY,
        Problem.ANSWER_NOT_JSON,
        Problem.ANSWER_NOT_OBJECT,
        Problem.ANSWER_AMBIGUOUS,
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """One request without what the settings say of it. `format` is a JSON schema."""

    messages: tuple[Message, ...]
    format: Mapping[str, Any]
    is_second: bool = False
    without_thinking: bool = False

    def think(self, usual: str) -> str:
        """The thinking level, given the setting."""
        return THINK_OFF if self.without_thinking else usual

    def temperature(self, usual: float) -> float:
        """The sampling temperature, given the setting."""
        return max(usual, min(usual + WARMER, WARMEST)) if self.is_second else usual


def first_question(material: Material, prompts: Prompts) -> Question:
    """The question about one text. The task's part depends on nothing of the pupil's."""
    task = material.task
    prompt = prompts.of(task.language, Purpose.FEEDBACK)
    text = neutralised(material.text_md)
    system, user = prompt.filled(
        instruction=neutralised(task.instruction),
        criteria=neutralised(listing(task.criteria)) or NOTHING,
        hints=neutralised(task.hints) or NOTHING,
        keys=skeleton(task.criteria),
        boundary=boundary_for(text),
        text=text,
    )
    return Question((Message("system", system), Message("user", user)), answer_schema(task.criteria))


def section_question(section: Material, number: int, count: int, prompts: Prompts) -> Question:
    """The question about one section of a text; the task's part is that of the whole."""
    question = first_question(section, prompts)
    prompt = prompts.of(section.task.language, Purpose.SECTION)
    told, _ = prompt.filled(number=str(number), count=str(count))
    return _with_last_words(question, told)


def section_title(number: int, count: int, language: str, prompts: Prompts) -> str:
    """What the pupil reads above what was said on a section."""
    _, title = prompts.of(language, Purpose.SECTION).filled(number=str(number), count=str(count))
    return title


def second_question(first: Question, problems: Sequence[Problem], material: Material, prompts: Prompts) -> Question:
    """The same question, with the reasons why its first answer was of no use."""
    prompt = prompts.of(material.task.language, Purpose.AGAIN)
    told, _ = prompt.filled(reasons="\n".join(f"- {prompt.sentences()[problem]}" for problem in problems))
    formless = not FORMLESS.isdisjoint(problems)
    return replace(_with_last_words(first, told), is_second=True, without_thinking=formless)


def _with_last_words(question: Question, told: str) -> Question:
    *before, last = question.messages
    return replace(question, messages=(*before, replace(last, content=f"{last.content}\n\n{told}")))
