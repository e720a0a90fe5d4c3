"""What is no page is noticed, and what pupils write is not taken for it: figures from the half that nobody tuned on.

`known` texts and those that were `tuned` on hold the detectors to what they can; `measured` ones tell what is to be
expected of others (docs/documents.md states the same figures).
"""

from __future__ import annotations

import pytest

from submissions.model_server.faults import LOOPING
from submissions.model_server.values import Answer
from submissions.vision.habits import page_of
from submissions.vision.judging import Heard, Page, judged
from tests.feedback.corpora import corpus
from tests.model_server.repetitive import MEASURED, PAGES, TUNED, UNITS, drawn
from tests.model_server.test_repetition import HONEST, INTRODUCTION
from tests.vision.corpora import known, measured, prompts, tuned

PROMPTS = prompts()
NORMAL = [*known("normal_pages"), *tuned("normal_pages"), *measured("normal_pages")]
AROUND = ["{}", "```\n{}\n```", "<think>Hm, a page.</think>\n{}", "**{}**"]
#: How many that were tuned on are taken for a page: nothing tells them from homework and not homework from them.
MISSED = {"refusals": 4, "about_the_task": 57}


def heard(text: str, done_reason: str = "stop") -> Heard:
    numbers = dict.fromkeys(("prompt_tokens", "output_tokens"), 1)
    seconds = dict.fromkeys(("load_seconds", "prompt_seconds", "generation_seconds", "total_seconds"), 0.1)
    return Heard(text, Answer(text=text, thinking="", done_reason=done_reason, model="eye", **numbers, **seconds))


def judge(text: str, done_reason: str = "stop") -> Page:
    return judged(heard(text, done_reason), PROMPTS)


def reason_of(text: str, done_reason: str = "stop") -> str | None:
    problem = judge(text, done_reason).problem
    return problem.reason if problem else None


def is_kept(answer: str, page: str) -> bool:
    """Whether the page is there, whole, though maybe asked for once more."""
    found = judge(answer)
    return found.text == page.strip() and found.whole


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("name", MISSED)
def test_what_was_tuned_on_is_noticed_within_whatever_models_put_around_it(around: str, name: str) -> None:
    said = [*known(name), *tuned(name)]
    assert sum(reason_of(around.format(text)) is None for text in said) <= MISSED[name]


@pytest.mark.parametrize(("name", "reason"), [("refusals", "answer_refused"), ("about_the_task", "answer_off_task")])
def test_four_in_five_are_called_what_they_are(name: str, reason: str) -> None:
    """Both are treated alike; the word helps whoever reads the log."""
    reasons = [reason_of(text) for text in known(name)]
    assert reasons.count(reason) > 0.8 * len(reasons)


@pytest.mark.parametrize(("name", "figures"), [("refusals", (60, 59)), ("about_the_task", (60, 50))])
def test_of_others_most_are_noticed_by_their_words(name: str, figures: tuple[int, int]) -> None:
    texts = measured(name)
    assert (len(texts), sum(reason_of(text) is not None for text in texts)) == figures


def test_no_normal_page_is_lost() -> None:
    repetitive = [text for seeds in (TUNED, MEASURED) for _, text in drawn(PAGES, seeds)]
    assert [page for page in [*NORMAL, *HONEST.values(), *repetitive] if not is_kept(page, page)] == []


def test_few_normal_pages_are_asked_for_once_more() -> None:
    pages = measured("normal_pages")
    assert (len(pages), sum(reason_of(page) is not None for page in pages)) == (79, 2)
    assert [name for name, page in drawn(PAGES, MEASURED) if reason_of(page)] == []


def test_no_normal_page_that_begins_as_asked_is_asked_for_once_more() -> None:
    assert [page for page in measured("normal_pages") if reason_of(f"[Abschrift]\n{page}")] == []


def test_of_pages_close_to_talk_that_begin_as_asked_few_are_asked_for_once_more_and_none_is_lost() -> None:
    pages = [*known("normal_pages"), *(entry["text"] for entry in corpus("honest"))]
    assert [page for page in pages if not is_kept(f"[Abschrift]\n{page}", page)] == []
    assert sum(reason_of(f"[Abschrift]\n{page}") is not None for page in pages) <= 0.05 * len(pages)


@pytest.mark.parametrize(("name", "noticed"), [("refusals", 45), ("about_the_task", 33)])
def test_what_is_no_page_is_harder_to_notice_behind_the_first_line(name: str, noticed: int) -> None:
    assert sum(reason_of(f"[Abschrift]\n{text}") is not None for text in measured(name)) == noticed


def test_of_homework_that_was_written_for_other_detectors_nothing_is_lost_and_little_asked_for_once_more() -> None:
    pages = [entry["text"] for entry in corpus("honest")]
    assert [page for page in pages if not is_kept(page, page)] == []
    assert (len(pages), sum(reason_of(page) is not None for page in pages)) == (174, 17)


def test_an_ordinary_sentence_costs_no_page() -> None:
    """What the first detectors threw away."""
    for page in (
        "The text on the page 5 tells us about Columbus.",
        "In the picture there is a handwritten letter on the desk. The woman looks sad.",
        "The student explains that she wants to become a doctor.",
        "Die Handschrift des Dichters kann ich nicht lesen, deshalb habe ich die gedruckte Seite benutzt.",
    ):
        assert is_kept(page, page), page


def talk_not_taken_off(arounds: list[tuple[str, str]]) -> list[tuple[str, str]]:
    pages = [page.strip() for page in NORMAL]
    return [
        (before, behind)
        for before, behind in arounds
        if any(page_of("\n\n".join(filter(None, (before, page, behind)))) != page for page in pages)
    ]


def test_talk_around_a_page_is_taken_off_and_the_page_stays() -> None:
    pupils_say_so_as_well = ["", "Sag Bescheid, wenn ich noch etwas für dich tun kann."]
    assert talk_not_taken_off([*known("talk_around"), *tuned("talk_around")]) == [tuple(pupils_say_so_as_well)]


@pytest.mark.parametrize(
    "page",
    [
        "Hier ist ein Bild von meinem Hund:\n\n[Zeichnung: Hund]",
        "This is a photo of our school:\n\n[drawing: a house]",
        "Liebe Oma, ich komme am Montag.\n\nWenn du noch etwas brauchst, ruf mich an.",
        "Plagiate\n\nEs ist ein Plagiat, wenn man einen Text abschreibt.",
        "Worauf ich achte\n\nRand frei gelassen, keine Rechtschreibfehler.",
    ],
)
def test_a_pupil_s_own_first_and_last_lines_stay(page: str) -> None:
    assert page_of(page) == page


def test_other_talk_is_taken_off() -> None:
    talk = measured("talk_around")
    assert (len(talk), len(talk_not_taken_off(talk))) == (10, 0)


@pytest.mark.parametrize(
    "around",
    [
        "```\n{}\n```",
        "```markdown\n{}\n```",
        "~~~\n{}\n~~~",
        "```\n{}",
        "  ```text\n{}\n```\n",
        "Here is the transcription:\n\n```\n{}\n```",
        "<think>The page shows a text.\nI copy it.</think>\n{}",
        "<thinking>Hm.</thinking>\n\n{}",
        "It is a page, so I copy it.</think>\n\n{}",
    ],
)
def test_fences_and_reasoning_are_taken_off(around: str) -> None:
    pages = [page for page in NORMAL if "```" not in page]
    assert [page for page in pages if not is_kept(around.format(page), page)] == []


@pytest.mark.parametrize(
    "empty", ["", "  \n", "```\n```", "<think>Nothing here.</think>", "<think>It never ends", "\x00"]
)
def test_an_answer_without_text_is_empty(empty: str) -> None:
    assert reason_of(empty) == "answer_empty"


@pytest.mark.parametrize("said", ["[leer]", "[empty]", "[Leere Seite]", "(empty)", "The page is blank."])
def test_a_model_that_says_that_nothing_is_there_is_doubted_since_blank_pages_never_reach_it(said: str) -> None:
    assert (judge(said).text, reason_of(said), judge(said).doubtful) == ("", "answer_says_empty", True)


def test_a_cut_page_is_kept_up_to_the_cut() -> None:
    for _, page in drawn(PAGES, MEASURED):
        half = page[: len(page) // 2]
        cut = judge(half, "length")
        assert cut.problem is not None
        assert (cut.problem.reason, cut.whole) == ("answer_cut", False)
        assert cut.text
        assert half.strip().startswith(cut.text)


@pytest.mark.parametrize("kind", UNITS)
def test_of_a_loop_what_was_before_it_and_one_copy_is_kept(kind: str) -> None:
    for _, unit in drawn({kind: UNITS[kind]}, MEASURED):
        text = INTRODUCTION + unit * (9000 // len(unit)) + unit[: len(unit) // 2]
        page = judged(Heard(text, fault=LOOPING()), PROMPTS)
        assert page.problem is not None
        assert page.problem.reason == "repetition"
        assert page.text.startswith(INTRODUCTION.strip())
        assert len(page.text) <= len(INTRODUCTION) + 2 * len(unit)


def test_what_the_database_refuses_is_left_out() -> None:
    assert page_of("a\0b\x07c\td\ne\ud800") == "abc\td\ne"
