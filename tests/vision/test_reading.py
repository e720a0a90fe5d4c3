"""How often a page is asked about, and which answer counts."""

from __future__ import annotations

import pytest

from submissions.vision.marks import marked
from submissions.vision.reading import read, temperatures
from tests.vision.test_detection import heard

GOOD, REFUSAL = "Die Pflanze macht Zucker.", "I cannot transcribe this image."


def asked(*answers: str, cut: bool = False) -> tuple[str, str | None, list[float], list[str]]:
    """Text and problem, the temperatures that were asked at, the problems that were told."""
    left, at, told = list(answers), [], []

    def ask(temperature: float) -> object:
        at.append(temperature)
        return heard(left.pop(0), "length" if cut else "stop")

    page = read(ask, (), (0.0, 0.5), told.append)  # type: ignore[arg-type]
    return page.text, page.problem and page.problem.reason, at, told


def test_a_good_answer_is_not_asked_for_again() -> None:
    assert asked(GOOD) == (GOOD, None, [0.0], [])


def test_a_poor_one_is_asked_for_once_more_with_other_sampling() -> None:
    assert asked(REFUSAL, GOOD) == (GOOD, None, [0.0, 0.5], ["answer_refused"])


def test_twice_poor_is_unreadable() -> None:
    assert asked(REFUSAL, "") == ("", "answer_refused", [0.0, 0.5], ["answer_refused", "answer_empty"])


def test_of_two_cut_answers_the_longer_one_is_kept() -> None:
    assert asked("Eins zwei", "Eins zwei drei", cut=True)[:2] == ("Eins zwei drei", "answer_cut")


@pytest.mark.parametrize(("attempt", "expected"), [(1, (0.0, 0.5)), (2, (0.5,)), (4, (0.5,))])
def test_a_later_attempt_begins_with_the_other_sampling(attempt: int, expected: tuple[float, ...]) -> None:
    assert temperatures(0.0, attempt) == expected


def test_the_other_sampling_is_another_one_whatever_is_set() -> None:
    first, second = temperatures(0.5, 1)
    assert second > first


@pytest.mark.parametrize(
    ("kept", "language", "text"),
    [
        ("", "de", "[unleserlich]"),
        ("", "en", "[illegible]"),
        ("Eins", "de", "Eins\n\n[ab hier unleserlich]"),
        ("One", "en", "One\n\n[illegible from here on]"),
        ("", "fr", "[unleserlich]"),
    ],
)
def test_a_page_says_at_its_place_that_it_could_not_be_read(kept: str, language: str, text: str) -> None:
    assert marked(kept, language) == text
