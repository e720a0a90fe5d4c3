"""At most two answers about one page, the second with other sampling; the better of them counts.

An answer without a problem ends it. A doubtful one is the page if it is said twice: who copies says the same again, who
talks seldom does. Of two others, that is taken of which more can be believed. Faults of the model server pass through:
they are no answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from submissions.vision import problems
from submissions.vision.first_line import Habit
from submissions.vision.judging import Heard, Page, judged

#: The second time: far enough from greedy that a loop or a refusal is not simply said again, still close to the page.
OTHER_TEMPERATURE = 0.5

#: Two readings of one page, letters compared, are no less alike: handwriting is not read twice in just the same way.
NEARLY_THE_SAME = 0.8

#: Asks once, at this temperature.
Ask = Callable[[float], Heard]


def read(
    ask: Ask, prompt: Sequence[str], temperatures: Sequence[float], tell: Callable[[str], None], habit: Habit
) -> Page:
    """The page. `prompt`: the texts that the model is given; `tell` gets the reason of each problem.

    `habit`: the model's, which its first answers about pages form. A doubtful answer is asked for again also where
    there is one temperature alone.
    """

    expected = habit.formed

    def asked(temperature: float) -> Page:
        page = judged(ask(temperature), prompt, first_line_expected=expected)
        if page.problem:
            tell(page.problem.reason)
        return page

    first = asked(temperatures[0])
    if first.begun is not None and len(temperatures) > 1:
        habit.learn(written=first.begun)
    if first.problem is None or (len(temperatures) == 1 and not first.doubtful):
        return first
    second = asked(temperatures[-1])
    page = _better(first, second) if second.problem else second
    return replace(page, calls=(*first.calls, *second.calls), begun=first.begun)


def _better(first: Page, second: Page) -> Page:
    if first.doubtful and second.doubtful and _alike(first.text, second.text):
        return first
    return max(map(_if_not_said_again, (first, second)), key=lambda page: len(page.text))


def _if_not_said_again(page: Page) -> Page:
    """A doubtful page is none; but that its first line is missing says nothing against its words."""
    if not page.doubtful or (page.problem and page.problem.reason == problems.NO_FIRST_LINE.reason):
        return page
    return replace(page, text="", doubtful=False)


def _alike(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, " ".join(one.split()), " ".join(other.split()), autojunk=False)
    return matcher.ratio() >= NEARLY_THE_SAME


def temperatures(first: float, attempt: int) -> tuple[float, ...]:
    """How to ask in this attempt. A later one follows an attempt whose first sampling came to nothing."""
    other = max(OTHER_TEMPERATURE, first + 0.3)
    return (first, other) if attempt == 1 else (other,)
