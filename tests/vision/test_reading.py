"""How often a page is asked about, and which answer counts."""

from __future__ import annotations

import pytest

from submissions.model_server.answer import OnToken
from submissions.model_server.faults import LOOPING
from submissions.model_server.values import Answer, Message, Request, together
from submissions.vision import asking
from submissions.vision.first_line import Habit
from submissions.vision.marks import marked
from submissions.vision.reading import read, temperatures
from tests.vision.corpora import measured
from tests.vision.test_detection import heard, judge

GOOD, REFUSAL = "Die Pflanze macht Zucker.", "I cannot transcribe this image."
Asked = tuple[str, str | None, list[float], list[str]]

#: A page that reads much like a model's talk, and the same as it is read with another sampling.
PAGE = "Das Bild zeigt eine Schule mit vielen Schülern auf dem Hof."
AGAIN = "Das Bild zeigt eine Schule mit vieln Schulern auf dem Hof."
TALK = "The photo is of a handwritten poem. It has four stanzas and a small drawing of a tree beside it."
SAYS_EMPTY = "answer_says_empty"


def asked(
    *answers: str, cut: bool = False, at_all: tuple[float, float] = (0.0, 0.5), habit: Habit | None = None
) -> Asked:
    """Text and problem, the temperatures that were asked at, the problems that were told."""
    left, at, told = list(answers), [], []

    def ask(temperature: float) -> object:
        at.append(temperature)
        return heard(left.pop(0), "length" if cut else "stop")

    page = read(ask, (), at_all, told.append, habit or Habit())  # type: ignore[arg-type]
    return page.text, page.problem and page.problem.reason, at, told


def test_a_good_answer_is_not_asked_for_again() -> None:
    assert asked(GOOD) == (GOOD, None, [0.0], [])


def test_a_poor_one_is_asked_for_once_more_with_other_sampling() -> None:
    assert asked(REFUSAL, GOOD) == (GOOD, None, [0.0, 0.5], ["answer_refused"])


def test_twice_poor_is_unreadable() -> None:
    assert asked(REFUSAL, "") == ("", "answer_refused", [0.0, 0.5], ["answer_refused", "answer_empty"])


def test_of_two_cut_answers_the_longer_one_is_kept() -> None:
    assert asked("Eins zwei", "Eins zwei drei", cut=True)[:2] == ("Eins zwei drei", "answer_cut")


def test_a_doubtful_page_that_is_read_alike_twice_is_kept_with_the_doubt() -> None:
    text, problem, *_ = asked(PAGE, AGAIN)
    assert (text, problem) == (PAGE, "answer_off_task")


def test_a_doubtful_page_that_is_read_otherwise_without_doubt_is_taken_so() -> None:
    assert asked(PAGE, GOOD)[:2] == (GOOD, None)


@pytest.mark.parametrize("other", [TALK, REFUSAL, "", "[leer]"])
def test_what_is_doubtful_and_not_said_again_is_no_page(other: str) -> None:
    assert asked(PAGE, other)[0] == ""
    assert asked(other, PAGE)[0] == ""


def test_a_plain_refusal_is_no_page_however_often_it_is_said() -> None:
    assert asked(REFUSAL, REFUSAL)[:2] == ("", "answer_refused")


def test_a_page_that_is_said_to_be_empty_is_asked_for_once_more_and_then_doubted() -> None:
    assert asked("[leer]", GOOD) == (GOOD, None, [0.0, 0.5], [SAYS_EMPTY])
    assert asked("[leer]", "[empty]") == ("", SAYS_EMPTY, [0.0, 0.5], [SAYS_EMPTY, SAYS_EMPTY])


def test_a_later_attempt_asks_once_more_as_well() -> None:
    assert asked(PAGE, AGAIN, at_all=(0.5, 0.0))[2] == [0.5, 0.0]
    assert asked(REFUSAL, GOOD, at_all=(0.5, 0.0)) == (GOOD, None, [0.5, 0.0], ["answer_refused"])


@pytest.mark.parametrize("page", [page for page in measured("normal_pages") if judge(page).problem])
def test_a_faithful_reader_s_page_is_kept(page: str) -> None:
    """Every twentieth letter is read otherwise the second time."""
    again = "".join("e" if place % 20 == 7 else letter for place, letter in enumerate(page))
    assert asked(page, again)[0] in (page, again)


@pytest.mark.parametrize(("attempt", "expected"), [(1, (0.0, 0.5)), (2, (0.5, 0.0)), (4, (0.5, 0.0))])
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


def test_what_both_answers_cost_is_kept_whichever_counts() -> None:
    left = [heard(REFUSAL), heard(GOOD)]

    page = read(lambda temperature: left.pop(0), (), (0.0, 0.5), lambda reason: None, Habit())

    cost = together([answer.cost for answer in page.calls])
    assert (cost["prompt_tokens"], cost["output_tokens"], cost["model"]) == (2, 2, "eye")
    assert cost["total_seconds"] == pytest.approx(0.2)
    assert not {"text", "thinking"} & set(cost)


def test_of_an_answer_that_was_broken_off_the_pieces_and_the_time_are_kept() -> None:
    def ask(request: Request, on_token: OnToken) -> Answer:
        for _ in range(5):
            on_token("Und noch einmal. ")
        raise LOOPING()

    request = Request(
        model="eye", messages=(Message("user", "?"),), num_ctx=512, num_predict=64, temperature=0, total_seconds=1
    )
    page = read(lambda temperature: asking.heard(ask, request), (), (0.5, 0.0), lambda reason: None, Habit())

    cost, again = [answer.cost for answer in page.calls]
    assert again["output_tokens"] == 5
    assert (cost["model"], cost["done_reason"], cost["output_tokens"]) == ("eye", "repetition", 5)
    assert cost["total_seconds"] > 0
