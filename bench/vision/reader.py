"""Reads each page of a document by the product's own way: opened in a child process, asked about, judged."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.vision.corpus import Document
from scripts.character_error import character_error
from submissions import opening
from submissions.model_server import ModelServer
from submissions.prompts import Purpose, load_prompts
from submissions.settings import Settings
from submissions.vision.asking import Said, heard, page_request
from submissions.vision.first_line import Habit
from submissions.vision.judging import Heard, Page
from submissions.vision.reading import read, temperatures


@dataclass(frozen=True)
class PageResult:
    """One page. `error`: share of wrong characters; `seconds` and tokens: of all its calls; `begun`: as asked."""

    class_name: str
    group: str
    page: int
    page_count: int
    error: float
    seconds: float
    prompt_tokens: int
    output_tokens: int
    problem: str
    calls: int
    begun: bool


class Reader:
    """Asks the model server of the settings. Typed PDFs are drawn as well: here it is the model that is measured."""

    def __init__(self, settings: Settings) -> None:
        self._settings = replace(settings, pdf_text="never")
        self._server = ModelServer(self._settings)
        self._habit = Habit()
        self._prompt = load_prompts(settings.prompts_dir).of("de", Purpose.VISION)
        self.prompt_version = self._prompt.version

    def pages(self, document: Document, path: Path) -> Iterator[PageResult]:
        """The pages in order; `path` is where the document may be written to. Raises Fault."""
        path.write_bytes(document.content)
        count = opening.count_pages(self._settings, path)
        for index, true in enumerate(document.texts):
            image = opening.load_page(self._settings, path, index).image
            said = self._prompt.filled(page=str(index + 1), page_count=str(count))
            started = time.monotonic()
            found = self._read(said, image) if image else Page("")
            yield PageResult(
                class_name=document.of.name,
                group=document.of.group,
                page=index + 1,
                page_count=count,
                error=character_error(found.text, true),
                seconds=time.monotonic() - started,
                prompt_tokens=sum(answer.prompt_tokens for answer in found.calls),
                output_tokens=sum(answer.output_tokens for answer in found.calls),
                problem=found.problem.reason if found.problem else "",
                calls=len(found.calls),
                begun=bool(found.begun),
            )

    def _read(self, said: Said, image: bytes) -> Page:
        def ask(temperature: float) -> Heard:
            with self._server.call() as call:
                return heard(call.ask, page_request(self._settings, said, image, temperature))

        return read(ask, said, temperatures(self._settings.vision_temperature, 1), lambda reason: None, self._habit)
