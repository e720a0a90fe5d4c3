"""What one answer about a page is: its text, and the problem with it if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from submissions.errors import AnswerFault, Fault
from submissions.model_server.repetition import without_loop
from submissions.model_server.values import Answer
from submissions.vision import problems
from submissions.vision.habits import Copied, copied
from submissions.vision.marks import says_nothing_is_there
from submissions.vision.signs import TALK_AT_MOST, suspicion


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of asking once: the text and the answer, as far as they came, and the fault that ended them."""

    text: str
    answer: Answer | None = None
    fault: AnswerFault | None = None

    @property
    def calls(self) -> tuple[Answer, ...]:
        return (self.answer,) if self.answer else ()


@dataclass(frozen=True, slots=True)
class Page:
    """`text`: what can be believed of it. `problem`: why that is not the whole page; None if it is. `said`: the text
    that was said, whether it is believed or not; None if there was none.

    `doubtful`: it may be the whole page all the same, and `problem` says what it may be instead. `calls`: all answers
    that were given about the page. `begun`: whether the first of them had its first line; None if that tells no habit.
    """

    text: str
    problem: Fault | None = None
    calls: tuple[Answer, ...] = ()
    doubtful: bool = False
    begun: bool | None = None
    said: str | None = None

    @property
    def lacks_first_line(self) -> bool:
        """Whether nothing but that is wrong with it."""
        return self.problem is not None and self.problem.reason == problems.NO_FIRST_LINE.reason

    @property
    def whole(self) -> bool:
        """Whether nothing is known to be missing."""
        return self.problem is None or self.doubtful


def judged(heard: Heard, prompt: Sequence[str], *, first_line_expected: bool = False) -> Page:
    """The page in what was heard.

    `prompt`: the texts that the model was given; `first_line_expected`: the model mostly writes the first line.
    """
    if heard.fault:
        return _as_far_as(heard, heard.fault, prompt)
    if heard.answer and heard.answer.truncated:
        return _as_far_as(heard, problems.CUT(), prompt)
    return replace(_whole(copied(heard.text), prompt, first_line_expected), calls=heard.calls)


def _whole(found: Copied, prompt: Sequence[str], first_line_expected: bool) -> Page:
    """The page in an answer that came to its end."""
    begun = found.begun or None
    if says_nothing_is_there(found.text):
        # Blank paper has been told before a model was asked.
        return Page("", problems.SAID_EMPTY(), doubtful=True, begun=begun, said="")
    if not found.text:
        return Page("", problems.EMPTY(), begun=begun)
    suspected = suspicion(found.text, prompt, begun=found.begun, expected=first_line_expected)
    if suspected:
        text = "" if suspected.plain else found.text
        return Page(text, suspected.problem(), doubtful=not suspected.plain, begun=begun, said=found.text)
    if first_line_expected and not found.begun and len(found.text) <= TALK_AT_MOST:
        return Page(found.text, problems.NO_FIRST_LINE(), doubtful=True, begun=False, said=found.text)
    return Page(found.text, begun=found.begun, said=found.text)


def _as_far_as(heard: Heard, problem: Fault, prompt: Sequence[str]) -> Page:
    """The beginning of an answer that did not come to its end."""
    found = copied(without_loop(heard.text))
    suspected = suspicion(found.text, prompt, begun=found.begun)
    kept = found.text if problem.reason in problems.KEEP_THE_BEGINNING and not (suspected and suspected.plain) else ""
    return Page(kept, problem, heard.calls, begun=found.begun or None, said=kept or None)
