"""Writes what became of the samples as one HTML page: page image, read text and feedback side by side.

The page stands alone: images are inlined, no script runs, nothing is loaded from anywhere, so it can be mailed,
printed or opened from a disk. What comes from pupils and models is escaped by the template (report.html) or goes
through a Markdown parser that knows neither raw HTML nor links nor images.
"""

from __future__ import annotations

import base64
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from scripts.character_error import measured

BEST_SCORE = 5
"""Of a whole submission, as in criteria.v2; each criterion has its own."""

_UNWANTED_MARKDOWN = ["html_block", "html_inline", "image", "link", "autolink", "reference", "code"]
_MARKS_OF_MARKDOWN = "#*_`>-"


@dataclass(frozen=True)
class PageImage:
    """One page as the browser shows it: PNG or JPEG bytes with their media type."""

    content: bytes
    media_type: str

    @property
    def data_uri(self) -> str:
        """The image as an address that holds it."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.content).decode()}"


@dataclass(frozen=True)
class CriterionResult:
    """One criterion in the task's order; score None where the model gave none, `evidence` the pupil's own words."""

    criterion: str
    score: float | None
    max_score: float
    explanation_md: str
    evidence: str = ""


@dataclass(frozen=True)
class SampleResult:
    """One submission and what became of it: `marks` for the teacher, `timings` in seconds by what took them."""

    title: str
    kind: str
    status: str
    text_md: str
    feedback_md: str
    score: float | None = None
    criteria: tuple[CriterionResult, ...] = ()
    marks: tuple[str, ...] = ()
    page_images: tuple[PageImage, ...] = ()
    true_text: str | None = None
    character_error: float | None = None
    timings: Mapping[str, float] = field(default_factory=dict)


def write_report(path: Path, results: Sequence[SampleResult], made_with: Mapping[str, str] | None = None) -> None:
    """Write the page. `made_with` is shown at its top: models, versions, whatever tells one run from another."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"markdown": _markdown, "number": _number, "percent": _percent, "compared": _compared}
    page = environment.get_template("report.html").render(
        results=results, made_with=made_with or {}, best_score=BEST_SCORE
    )
    path.write_text(page, encoding="utf-8")


def _markdown(text: str) -> Markup:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(_UNWANTED_MARKDOWN)
    return Markup(parser.render(text))  # noqa: S704 - the parser escapes, and knows no raw HTML


def _number(value: float) -> str:
    return f"{value:.10g}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _compared(read: str, true: str | None) -> Markup:
    """The read text with every word marked that the true text does not have at its place."""
    pieces = re.split(r"(\s+)", read)  # word, space, word, …
    wrong = _wrong_words(pieces[::2], true.split()) if true is not None else set()
    marked = (
        Markup("<mark>{}</mark>").format(piece) if at in wrong else escape(piece) for at, piece in enumerate(pieces)
    )
    return Markup("").join(marked)


def _wrong_words(read: Sequence[str], true: Sequence[str]) -> set[int]:
    """Positions in the pieces that the words were taken from (every second one)."""
    bare_read, bare_true = _bare(read), _bare(true)
    blocks = difflib.SequenceMatcher(None, bare_read, bare_true, autojunk=False).get_matching_blocks()
    right = {index for block in blocks for index in range(block.a, block.a + block.size)}
    return {2 * index for index, word in enumerate(bare_read) if word and index not in right}


def _bare(words: Sequence[str]) -> list[str]:
    return [measured(word).strip(_MARKS_OF_MARKDOWN) for word in words]
