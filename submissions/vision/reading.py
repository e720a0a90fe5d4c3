"""At most two answers about one page, the second with other sampling; the better of them counts.

An answer without a problem ends it. One whose words are doubted is the page if it is said twice: who copies says the
same again, who talks seldom does. Of two others, that is taken of which more can be believed, with the doubt if there
is one. Faults of the model server are no answers and pass through, unless a whole first answer is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rapidfuzz.fuzz import ratio

from submissions.errors import Fault
from submissions.vision.first_line import Habit
from submissions.vision.judging import Heard, Page, judged

#: The second time: far enough from greedy that a loop or a refusal is not simply said again, still close to the page.
OTHER_TEMPERATURE = 0.5

#: Two readings of one page, letters compared, are no less alike: handwriting is not read twice in just the same way.
NEARLY_THE_SAME = 80.0  # per cent

#: So many times as long is a beginning behind the first line, to count for more than a whole answer.
MUCH_LONGER = 4

#: Asks once, at this temperature.
Ask = Callable[[float], Heard]


def read(
    ask: Ask, prompt: Sequence[str], temperatures: tuple[float, float], tell: Callable[[str], None], habit: Habit
) -> Page:
    """The page. `prompt`: the texts that the model is given; `tell` gets the reason of each problem.

    `habit`: the model's, which its first answers about pages form.
    """
    expected = habit.formed

    def asked(temperature: float) -> Page:
        page = judged(ask(temperature), prompt, first_line_expected=expected)
        if page.problem:
            tell(page.problem.reason)
        return page

    first = asked(temperatures[0])
    page = _with_second(first, lambda: asked(temperatures[1])) if first.problem else first
    if first.begun is not None:
        habit.learn(written=first.begun)
    return replace(page, begun=first.begun)


def _with_second(first: Page, ask: Callable[[], Page]) -> Page:
    try:
        second = ask()
    except Fault as fault:
        if not (first.whole and first.text and fault.of_page):
            raise
        return first  # it may be the page, and asking again is what went wrong
    return replace(_better(first, second), calls=(*first.calls, *second.calls))


def _better(first: Page, second: Page) -> Page:
    """Of two answers, the first of which had a problem."""
    if first.said is not None and second.said is not None and _alike(first.said, second.said):
        return max(
            first, second, key=lambda page: (page.problem is None, page.whole, 0 if page.whole else len(page.text))
        )
    pages = [page for page in (first, second) if _may_be_all(page)]
    if not pages:
        return max(map(_not_said_again, (first, second)), key=lambda page: len(page.text))
    beginning = next((page for page in (first, second) if page.begun and not page.whole), None)
    if beginning and all(len(beginning.text) > MUCH_LONGER * len(page.text) for page in pages):
        return beginning
    longest = max(pages, key=lambda page: len(page.text))
    doubts = [page.problem for page in pages if page.problem]
    return replace(longest, problem=doubts[0], doubtful=True) if doubts else longest


def _may_be_all(page: Page) -> bool:
    """Whether its words, said once, are enough: they are not doubted, or stand behind the first line."""
    return page.problem is None or page.lacks_first_line or (page.doubtful and page.begun is True and bool(page.text))


def _not_said_again(page: Page) -> Page:
    """What is doubtful for its words, and was not said twice, is no page."""
    return replace(page, text="", doubtful=False) if page.doubtful else page


def _alike(one: str, other: str) -> bool:
    return ratio(" ".join(one.split()), " ".join(other.split())) >= NEARLY_THE_SAME


def temperatures(first: float, attempt: int) -> tuple[float, float]:
    """How to ask in this attempt. An earlier one may have had poor answers, so that the other sampling comes first."""
    other = max(OTHER_TEMPERATURE, first + 0.3)
    return (first, other) if attempt == 1 else (other, first)
