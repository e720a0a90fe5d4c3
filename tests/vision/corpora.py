"""Answers about pages: known ones to tune on, and others, split by seed, to tune on and to measure with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from submissions.prompts import Purpose, load_prompts
from tests.feedback import corpora

FOLDER = Path(__file__).parent / "corpus"


def known(name: str) -> list[Any]:
    """What was written beside the detectors, or found by their users: no figure comes from it."""
    return corpora.corpus(name, FOLDER / "known")


def tuned(name: str) -> list[Any]:
    """The half that detectors may be tuned on."""
    return corpora.halves(name, FOLDER)[0]


def measured(name: str) -> list[Any]:
    """The half that nothing was tuned on."""
    return corpora.halves(name, FOLDER)[1]


def prompts() -> list[str]:
    """What the model is given, in both languages, for two pages of three."""
    return [
        text
        for language in ("de", "en")
        for page in ("1", "2")
        for text in load_prompts("").of(language, Purpose.VISION).filled(page=page, page_count="3")
    ]
