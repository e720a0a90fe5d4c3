"""The line that a page is to begin with: found wherever models put it, and missed where a model mostly writes it."""

from __future__ import annotations

import pytest

from submissions.prompts import Purpose, load_prompts
from submissions.vision.first_line import FEWEST, REMEMBERED, Habit, Habits, behind_first_line
from submissions.vision.habits import begins_as_asked, page_of
from tests.vision.test_detection import judge
from tests.vision.test_reading import REFUSAL, asked

PAGE = "Die Pflanze macht Zucker."
BEGUN = f"[Abschrift]\n{PAGE}"


def formed(answers: str = "1" * FEWEST) -> Habit:
    """The habit of a model whose answers had the first line (1) or had not (0)."""
    habit = Habit()
    for each in answers:
        habit.learn(written=each == "1")
    return habit


@pytest.mark.parametrize(("language", "line"), [("de", "[Abschrift]"), ("en", "[copy]")])
def test_the_prompts_ask_for_the_line_that_is_looked_for(language: str, line: str) -> None:
    system, _ = load_prompts("").of(language, Purpose.VISION).filled(page="1", page_count="1")
    assert line in system
    assert behind_first_line(f"{line}\n{PAGE}") == PAGE


@pytest.mark.parametrize(
    "answer",
    [
        "[copy]\n{}",
        "**[Abschrift]**\n\n{}",
        "# [Copy]\n{}",
        "`[copy]`\n{}",
        "[Abschrift]: {}",
        "[copy] {}",
        "```\n[copy]\n{}\n```",
        "```markdown\n[Abschrift]\n{}\n```",
        "[copy]\n```\n{}\n```",
        "Here is the copy of the page:\n\n[copy]\n{}",
        "<think>I copy it.</think>\n[copy]\n{}",
    ],
)
def test_the_line_is_taken_off_wherever_models_put_it(answer: str) -> None:
    assert begins_as_asked(answer.format(PAGE))
    assert page_of(answer.format(PAGE)) == PAGE


@pytest.mark.parametrize(
    "page",
    [
        "Photos\n[copy of a letter]\nDear Tom",
        "Ich begann mit [Abschrift] und dann kam der Text.",
        "a\n" * 200 + "[copy]\nb",
    ],
)
def test_what_only_looks_like_the_line_stays(page: str) -> None:
    assert not begins_as_asked(page)
    assert page_of(page) == page.strip()


def test_with_the_line_pupils_own_announcements_stay() -> None:
    assert page_of("[copy]\nHere is the text:\nOnce upon a time") == "Here is the text:\nOnce upon a time"


def test_nothing_behind_the_line_is_an_empty_answer() -> None:
    assert judge("[Abschrift]").problem.reason == "answer_empty"  # type: ignore[union-attr]
    assert judge("[Abschrift]\n[leer]").problem.reason == "answer_says_empty"  # type: ignore[union-attr]


def test_a_habit_is_formed_by_eight_in_ten_of_the_last_answers() -> None:
    assert not formed("").formed
    assert not formed("1" * (FEWEST - 1)).formed
    assert formed("1" * FEWEST).formed
    assert formed("0" * REMEMBERED + "1" * REMEMBERED).formed
    assert formed("1" * REMEMBERED + "0000").formed
    assert not formed("1" * REMEMBERED + "00000").formed


def test_each_model_has_its_own_habit() -> None:
    habits = Habits()
    for _ in range(FEWEST):
        habits.of("eye").learn(written=True)

    assert habits.of("eye").formed
    assert not habits.of("other").formed


def test_answers_form_the_habit_and_refusals_do_not() -> None:
    habit = Habit()
    for _ in range(FEWEST):
        asked(BEGUN, habit=habit)
    for _ in range(REMEMBERED):
        asked(REFUSAL, REFUSAL, habit=habit)
    assert habit.formed

    for _ in range(REMEMBERED):
        asked(PAGE, PAGE, habit=habit)
    assert not habit.formed


def test_a_page_without_the_line_is_asked_for_once_more_where_the_model_mostly_writes_it() -> None:
    assert asked(PAGE, BEGUN, habit=formed())[:3] == (PAGE, None, [0.0, 0.5])
    assert asked(PAGE)[1] is None


def test_a_page_that_twice_comes_without_the_line_is_kept_with_a_note() -> None:
    assert asked(PAGE, PAGE, habit=formed())[:2] == (PAGE, "answer_without_first_line")


def test_a_refusal_in_other_words_is_no_page_however_often_it_is_said() -> None:
    """By its words alone it is only doubtful, and would be kept."""
    refusal = "Das Foto ist so dunkel, dass ich darauf leider nur raten könnte."

    assert asked(refusal, refusal)[:2] == (refusal, "answer_refused")
    assert asked(refusal, refusal, habit=formed())[:2] == ("", "answer_refused")


def test_a_long_answer_is_a_page_without_the_line_as_well() -> None:
    page = "Die Pflanze macht Zucker. " * 100
    assert judge(page).problem is None
    assert asked(page, habit=formed())[1] is None
