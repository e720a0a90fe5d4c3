"""What is no page is noticed, and what pupils write is not taken for it: figures from the half that nobody tuned on."""

from __future__ import annotations

from itertools import product

import pytest

from submissions.model_server.faults import LOOPING
from submissions.model_server.values import Answer
from submissions.vision.habits import page_of
from submissions.vision.judging import Heard, Page, judged
from tests.model_server.test_repetition import HONEST, INTRODUCTION, LOOPS
from tests.vision.corpora import measured, prompts

PROMPTS = prompts()
NORMAL = measured("normal_pages")


def heard(text: str, done_reason: str = "stop") -> Heard:
    numbers = dict.fromkeys(("prompt_tokens", "output_tokens"), 1)
    seconds = dict.fromkeys(("load_seconds", "prompt_seconds", "generation_seconds", "total_seconds"), 0.1)
    return Heard(text, Answer(text=text, thinking="", done_reason=done_reason, model="eye", **numbers, **seconds))


def judge(text: str, done_reason: str = "stop") -> Page:
    return judged(heard(text, done_reason), PROMPTS)


def reason_of(text: str, done_reason: str = "stop") -> str | None:
    problem = judge(text, done_reason).problem
    return problem.reason if problem else None


def is_read_as(answer: str, page: str) -> bool:
    found = judge(answer)
    return found.problem is None and found.text == page.strip()


def test_every_refusal_is_noticed() -> None:
    assert [text for text in measured("refusals") if reason_of(text) != "answer_refused"] == []


def test_every_answer_about_the_task_is_noticed() -> None:
    assert [text for text in measured("about_the_task") if reason_of(text) != "answer_off_task"] == []


@pytest.mark.parametrize("around", ["```\n{}\n```", "<think>Hm, a page.</think>\n{}", "**{}**"])
def test_they_are_noticed_within_what_models_put_around_them(around: str) -> None:
    said = [*measured("refusals"), *measured("about_the_task")]
    assert [text for text in said if reason_of(around.format(text)) is None] == []


def test_no_normal_page_is_taken_for_anything_else() -> None:
    pages = [*NORMAL, *HONEST.values()]
    assert [page for page in pages if not is_read_as(page, page)] == []


def test_talk_around_a_page_is_taken_off_and_the_page_stays() -> None:
    wrong = [
        (before, page, behind)
        for (before, behind), page in product(measured("talk_around"), NORMAL)
        if page_of("\n\n".join(filter(None, (before, page, behind)))) != page
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "around",
    [
        "```\n{}\n```",
        "```markdown\n{}\n```",
        "  ```text\n{}\n```\n",
        "Here is the transcription:\n\n```\n{}\n```",
        "<think>The page shows a text.\nI copy it.</think>\n{}",
        "<thinking>Hm.</thinking>\n\n{}",
        "It is a page, so I copy it.</think>\n\n{}",
    ],
)
def test_fences_and_reasoning_are_taken_off(around: str) -> None:
    pages = [page for page in NORMAL if "```" not in page]
    assert len(pages) > 20
    assert [page for page in pages if not is_read_as(around.format(page), page)] == []


@pytest.mark.parametrize(
    "empty", ["", "  \n", "```\n```", "<think>Nothing here.</think>", "<think>It never ends", "\x00"]
)
def test_an_answer_without_text_is_empty(empty: str) -> None:
    assert reason_of(empty) == "answer_empty"


@pytest.mark.parametrize("said", ["[leer]", "[empty]", "[Leere Seite]"])
def test_a_model_that_says_as_it_was_asked_to_that_nothing_is_there_is_believed(said: str) -> None:
    assert (judge(said).text, judge(said).problem) == ("", None)


def test_a_cut_page_is_kept_up_to_the_cut() -> None:
    page = judge(HONEST["long prose"], "length")
    assert page.problem is not None
    assert (page.problem.reason, page.text) == ("answer_cut", HONEST["long prose"].strip())


@pytest.mark.parametrize("unit", LOOPS.values(), ids=LOOPS.keys())
def test_of_a_loop_what_was_before_it_and_one_copy_is_kept(unit: str) -> None:
    text = INTRODUCTION + unit * (9000 // len(unit)) + unit[: len(unit) // 2]
    page = judged(Heard(text, fault=LOOPING()), PROMPTS)
    assert page.problem is not None
    assert page.problem.reason == "repetition"
    assert page.text.startswith(INTRODUCTION.strip())
    assert len(page.text) <= len(INTRODUCTION) + 2 * len(unit)


def test_what_the_database_refuses_is_left_out() -> None:
    assert page_of("a\0b\x07c\td\ne\ud800") == "abc\td\ne"


def test_the_corpora_are_large_enough_to_say_something() -> None:
    sizes = {name: len(measured(name)) for name in ("refusals", "about_the_task", "talk_around", "normal_pages")}
    assert sizes == {"refusals": 27, "about_the_task": 27, "talk_around": 10, "normal_pages": 53}
