"""How results are printed: short on the terminal, whole in the report.

Texts of pupils and models are printed as they are: no markup, and no control characters that a terminal would obey.
"""

from __future__ import annotations

import sys
import textwrap
import unicodedata

from rich.console import Console
from rich.rule import Rule

from scripts.demo.outcome import Outcome
from scripts.report import BEST_SCORE

WIDTH = 100
_LABEL = 16  # characters
_SHORT = 280  # characters of a read text


def console() -> Console:
    """Standard output, no wider than is read well."""
    found = Console(highlight=False, markup=False, emoji=False)
    found.width = min(found.width, WIDTH)
    return found


def complain(message: str) -> None:
    """One line on standard error."""
    print(f"demo: {message}", file=sys.stderr, flush=True)


def print_labelled(out: Console, label: str, content: str) -> None:
    """A label with its content beside it, wrapped; line breaks of the content stay."""
    clean = "".join(each for each in content if each == "\n" or unicodedata.category(each) != "Cc")
    for line in clean.splitlines():
        indent = f"{label:<{_LABEL}}"
        out.print(textwrap.fill(line, out.width, initial_indent=indent, subsequent_indent=" " * _LABEL), soft_wrap=True)
        label = ""


def print_outcome(out: Console, outcome: Outcome) -> None:
    """One sample: what was read, the criteria in order, the feedback, the time it took."""
    result = outcome.result
    out.print()
    out.print(Rule(f"{result.title} ({result.kind}): {result.status}", align="left", style="none"))
    if outcome.missing:
        print_labelled(out, "Missing", outcome.missing)
    print_labelled(out, "Read" if result.page_images else "Text", _shortened(result.text_md) or "no text")
    if result.character_error is not None:
        print_labelled(out, "Reading error", _reading_error(outcome))
    print_labelled(out, "Score", _points(result.score, BEST_SCORE))
    for each in result.criteria:
        print_labelled(out, _points(each.score, each.max_score), each.criterion)
        print_labelled(out, "", f"– {each.explanation_md or 'no explanation given'}")
    print_labelled(out, "Feedback", result.feedback_md or "no feedback")
    print_labelled(out, "Seconds", ", ".join(f"{name} {seconds:.1f}" for name, seconds in result.timings.items()))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else f"{line[:_SHORT]} … ({len(text)} characters, whole in the report)"


def _reading_error(outcome: Outcome) -> str:
    wrong, most = outcome.result.character_error or 0.0, outcome.sample.most_wrong
    verdict = "MORE THAN" if outcome.is_read_badly else "within"
    return f"{100 * wrong:.2f} % of the characters differ from the true text: {verdict} the {100 * most:.0f} % expected"


def _points(score: float | None, best: float) -> str:
    return "not assessed" if score is None else f"{score:g}/{best:g}"
