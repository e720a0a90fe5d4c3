"""The three steps of the work: open the documents, read a page, write feedback.

Each loads what it needs, asks the storage or the model server with no transaction open, and returns the storing of
its result as a call that is still to be made: `attempt.py` makes it, again if the database is away for a while.
Everything that goes wrong is a Fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from submissions import documents_faults, opening
from submissions.answers import storable
from submissions.breaker import Breaker
from submissions.document_cache import DocumentCache
from submissions.events import emit
from submissions.feedback.asking import request_for
from submissions.feedback.estimate import Estimates
from submissions.feedback.judge import judge
from submissions.feedback.question import Question
from submissions.feedback.room import Room
from submissions.lifecycle import PageSource, Step
from submissions.model_server import Answer, OnToken, Request
from submissions.model_server.values import together
from submissions.prompts import Prompts, Purpose
from submissions.settings import Settings
from submissions.store.work import Claim, PageToRead, WorkStore
from submissions.vision import problems
from submissions.vision.asking import Said, heard, page_request
from submissions.vision.first_line import Habits
from submissions.vision.judging import Heard
from submissions.vision.marks import marked
from submissions.vision.reading import read, temperatures

#: Stores a result; says whether it took effect.
Storing = Callable[[], bool]


class Asked(Protocol):
    """What a step asks: the model server itself, or one call to it that can be told to stop."""

    def ask(self, request: Request, on_token: OnToken | None = None) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a step works with. One per process; each attempt has its own call in place of the model server."""

    settings: Settings
    store: WorkStore
    cache: DocumentCache
    model_server: Asked
    breaker: Breaker
    prompts: Prompts
    #: How many tokens each model makes of a text, learnt from its answers.
    estimates: Estimates = field(default_factory=Estimates)
    #: Which models begin a page as they are asked to.
    first_lines: Habits = field(default_factory=Habits)


def open_documents(tools: Tools, claim: Claim) -> Storing:
    """Check every file of the submission and count its pages."""
    pages: list[tuple[int, int]] = []
    for file in tools.store.load_files(claim.unit):
        with tools.cache.lent(claim.unit.submission_id, file) as path:
            count = opening.count_pages(tools.settings, path)
        pages += [(file.position, index) for index in range(count)]
        if len(pages) > tools.settings.max_pages:
            raise documents_faults.TOO_MANY_PAGES(limit=tools.settings.max_pages)
    return partial(tools.store.store_opened, claim, pages)


def read_page(tools: Tools, claim: Claim) -> Storing:
    """Read one page: its own text, or nothing on blank paper, or what the vision model sees."""
    place = tools.store.load_page(claim.unit)
    with tools.cache.lent(claim.unit.submission_id, place.file) as path:
        page = opening.load_page(tools.settings, path, place.index)
    if page.text:
        return partial(tools.store.store_unasked_page, claim, storable(page.text), PageSource.OWN_TEXT)
    if page.image is None:
        return partial(tools.store.store_unasked_page, claim, "", PageSource.BLANK)
    return _read_image(tools, claim, place, page.image)


def _read_image(tools: Tools, claim: Claim, page: PageToRead, image: bytes) -> Storing:
    settings = tools.settings
    prompt = tools.prompts.of(page.language, Purpose.VISION)
    said = prompt.filled(page=str(claim.unit.page), page_count=str(page.page_count))
    found = read(
        partial(_ask_about_image, tools, claim, said, image),
        said,
        temperatures(settings.vision_temperature, claim.attempt),
        lambda reason: emit("answer.poor", **_attempt(claim), reason=reason),
        tools.first_lines.of(settings.vision_model, prompt.version),
    )
    nothing = not (found.whole or found.text)
    if found.problem and nothing and (page.page_count == 1 or found.problem.reason in problems.PASSING):
        # A text that says nothing but that it is illegible is none, and a stream that broke off says nothing of a page.
        raise found.problem
    return partial(
        tools.store.store_page,
        claim,
        found.text if found.whole else marked(found.text, page.language),
        settings.vision_model,
        prompt.version,
        together([answer.cost for answer in found.calls]),
        source=PageSource.DOUBTFUL if found.doubtful else PageSource.UNREADABLE if nothing else PageSource.MODEL,
        problem=found.problem.reason if found.problem else None,
    )


def write_feedback(tools: Tools, claim: Claim) -> Storing:
    """Write feedback on the text, with the task as it was when the submission was handed in."""
    tools.cache.forget(claim.unit.submission_id)
    loaded = tools.store.load_text(claim.unit)
    room = Room.of(tools.settings, tools.estimates.of(tools.settings.feedback_model))
    judgement = judge(loaded.task, loaded.text_md, tools.prompts, partial(_ask_about_text, tools, claim), room)
    return partial(
        tools.store.store_feedback,
        claim,
        judgement.feedback_md,
        judgement.analysis,
        model=judgement.model,
        prompt_version=judgement.prompt_version,
        parse_status=judgement.parse_status,
        cost=judgement.cost,
        details=judgement.details,
    )


STEPS: dict[Step, Callable[[Tools, Claim], Storing]] = {
    Step.OPEN: open_documents,
    Step.READ: read_page,
    Step.FEEDBACK: write_feedback,
}


def _ask_about_text(tools: Tools, claim: Claim, question: Question) -> Answer:
    """Ask, and learn from the server's count how many tokens this model makes of a text."""
    request = request_for(question, tools.settings)
    answer = _ask(tools, claim, request)
    tools.estimates.learn(request.model, (message.content for message in question.messages), answer.prompt_tokens)
    return answer


def _ask_about_image(tools: Tools, claim: Claim, said: Said, image: bytes, temperature: float) -> Heard:
    return heard(partial(_ask, tools, claim), page_request(tools.settings, said, image, temperature))


def _ask(tools: Tools, claim: Claim, request: Request, on_token: OnToken | None = None) -> Answer:
    """Ask, and tell what it cost: also where the answer then turns out to be of no use."""
    with tools.breaker.asking(request, claim.unit.submission_id):
        answer = tools.model_server.ask(request, on_token)
    emit(
        "model.answered",
        **_attempt(claim),
        model=request.model,
        prompt_tokens=answer.prompt_tokens,
        output_tokens=answer.output_tokens,
        load_seconds=round(answer.load_seconds, 3),
        prompt_seconds=round(answer.prompt_seconds, 3),
        generation_seconds=round(answer.generation_seconds, 3),
    )
    return answer


def _attempt(claim: Claim) -> dict[str, Any]:
    unit = claim.unit
    return {
        "submission_id": unit.submission_id,
        "step": unit.step,
        "page": unit.page,
        "claim": claim.number,
        "attempt": claim.attempt,
    }
