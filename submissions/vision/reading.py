"""At most two answers about one page, the second with other sampling; the better of them counts.

An answer without a problem ends it. Of two with one, that is taken of which more can be believed. Faults of the model
server pass through: they are no answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from submissions.vision.judging import Heard, Page, judged

#: The second time: far enough from greedy that a loop or a refusal is not simply said again, still close to the page.
OTHER_TEMPERATURE = 0.5

#: Asks once, at this temperature.
Ask = Callable[[float], Heard]


def read(ask: Ask, prompt: Sequence[str], temperatures: Sequence[float], tell: Callable[[str], None]) -> Page:
    """The page. `prompt`: the texts that the model is given; `tell` gets the reason of each problem."""
    best: Page | None = None
    for temperature in temperatures:
        page = judged(ask(temperature), prompt)
        if page.problem is None:
            return page
        tell(page.problem.reason)
        if best is None or len(page.text) > len(best.text):
            best = page
    assert best is not None, "there is at least one temperature"
    return best


def temperatures(first: float, attempt: int) -> tuple[float, ...]:
    """How to ask in this attempt. A later one follows an attempt whose first sampling came to nothing."""
    other = max(OTHER_TEMPERATURE, first + 0.3)
    return (first, other) if attempt == 1 else (other,)
