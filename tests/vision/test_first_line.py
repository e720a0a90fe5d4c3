"""The line that a page is to begin with: found wherever models put it, and missed where a model mostly writes it."""

from __future__ import annotations

import pytest

from submissions.errors import Fault
from submissions.model_server.faults import CONNECTION_LOST, LOOPING, TOTAL_TIMEOUT
from submissions.prompts import Purpose, load_prompts
from submissions.vision.first_line import MOSTLY, REMEMBERED, Habit, Habits, asks_for_first_line
from submissions.vision.habits import Copied, copied, page_of
from submissions.vision.judging import Heard, judged
from submissions.vision.reading import Ask, read
from tests.feedback.corpora import corpus
from tests.vision.corpora import known, measured, tuned
from tests.vision.test_detection import PROMPTS, heard, judge
from tests.vision.test_reading import REFUSAL, asked

PAGE = "Die Pflanze macht Zucker."
BEGUN = f"[Abschrift]\n{PAGE}"
PAGE_OF_SOME_LENGTH = "Die Pflanze macht aus Wasser, Luft und Licht ihren Zucker."


def formed(answers: str = "1" * REMEMBERED) -> Habit:
    """The habit of a model whose answers had the first line (1) or had not (0)."""
    habit = Habit()
    for each in answers:
        habit.learn(written=each == "1")
    return habit


@pytest.mark.parametrize(("language", "line"), [("de", "[Abschrift]"), ("en", "[copy]")])
def test_the_prompts_ask_for_the_line_that_is_looked_for(language: str, line: str) -> None:
    system, _ = load_prompts("").of(language, Purpose.VISION).filled(page="1", page_count="1")
    assert line in system
    assert asks_for_first_line(system)
    assert copied(f"{line}\n{PAGE}") == Copied(PAGE, begun=True)


@pytest.mark.parametrize(
    "answer",
    [
        "[copy]\n{}",
        "\ufeff[copy]\n{}",
        "\x00[copy]\n{}",
        "\n\n\n[copy]\n\n{}",
        "**[Abschrift]**\n\n{}",
        "# [Copy]\n{}",
        "`[copy]`\n{}",
        "\\[Abschrift\\]\n{}",
        "[ Abschrift ]:\n{}",
        "[Abschrift Seite 2 von 3]\n{}",
        "[copy: page 1]\n{}",
        "```\n[copy]\n{}\n```",
        "```markdown\n[Abschrift]\n{}\n```",
        "[copy]\n```\n{}\n```",
        "```\n[copy]\n```\n{}",
        "[copy]\n{}\n[/copy]",
        "Here is the copy of the page:\n\n[copy]\n{}",
        "Here is the copy of the page:\n\n[copy]\n{}\n\nI hope this helps! Let me know if you need anything else.",
        "<think>I copy it.</think>\n[copy]\n{}",
        "I copy it.</think>\n[copy]\n{}",
        "Sure!\n[copy]\n{}",
        "Gerne!\n\n[Abschrift]\n{}",
        "Seite 1 von 3\n[Abschrift]\n{}",
        "[Copy of page 1]\n{}",
        "- [Abschrift]\n{}",
        "[copy]\r\n{}",
        "[copy]\n[copy]\n{}",
        "```\n[copy]\n{}\n[/copy]\n```",
        "```\n[copy]\n{}",
    ],
)
def test_the_line_is_taken_off_wherever_models_put_it(answer: str) -> None:
    assert copied(answer.format(PAGE)) == Copied(PAGE, begun=True)


@pytest.mark.parametrize(
    "page",
    [
        "Photos\n[copy of a letter]\nDear Tom",
        "[copy of a letter]\nDear Tom",
        "Ich begann mit [Abschrift] und dann kam der Text.",
        "Tastenkürzel:\n[Copy]: Strg + C\n[Paste]: Strg + V",
        "2 + 2 = 4\n3 + 3 = 6\n[Abschrift]",
        "Familie Meier\nHauptstr. 3\n[Abschrift]\nSehr geehrte Frau Meier",
        "# Goethe: Der Zauberlehrling\n\n[Abschrift]\nHat der alte Hexenmeister",
        "```python\nprint(1)\n```\n[Abschrift]\nText",
        "* [copy] files",
        "[copy](http://x) machine",
        "a\n" * 200 + "[copy]\nb",
    ],
)
def test_what_only_looks_like_the_line_stays(page: str) -> None:
    assert copied(page) == Copied(page.strip(), begun=False)


@pytest.mark.parametrize("answer", ["[copy] {}", "[Abschrift]: {}", "**[copy]** {}"])
def test_the_words_of_the_line_before_the_text_go_and_prove_nothing(answer: str) -> None:
    """A refusal may go on like this as well."""
    assert copied(answer.format(PAGE)) == Copied(PAGE, begun=False)


@pytest.mark.parametrize(
    "refusal",
    [
        "I'm sorry, I can't read this image.\n[copy]\nIt may be a maths page.",
        "[copy] I'm unable to read it.",
        "[Copy] unavailable: the picture is too blurry to read.",
        "[Abschrift] kann ich leider nicht liefern, das Bild ist zu dunkel.",
    ],
)
def test_a_refusal_around_the_line_is_noticed(refusal: str) -> None:
    assert judge(refusal).problem is not None


@pytest.mark.parametrize(
    "page",
    [
        "Lieber Tim,\nWenn du willst, kannst du mein Heft abschreiben.",
        "Notes\nIf you want the notes, I have copied them for you.",
        "Inventions\nWould you like a robot assistant at home?",
        "Tagebuch\n\nIch habe mein Handy zu Hause gelassen, das war ein Fehler.",
        "1933 wurde die Macht von Hitler übernommen.\n\nDas war der größte Fehler der Politiker.",
        "At the end the guilt has left her mad and she pays for her mistakes.\n\nI have left my old mistakes behind.",
        "Es war einmal.\n\n(Ende der Geschichte)",
        "Romeo: Ade.\n\n[End of Scene 1]",
        "Recipe\nMix flour and eggs. Bake.\nI hope this helps! Let me know if you have questions.",
        "1. Lies den folgenden Text:\nEs war einmal.",
        "2. Copy the following text:\nOnce upon a time.",
        "Hier ist der Text auf der Seite aus unserem Buch:\nEs war einmal.",
        "Übersetze den folgenden Text:\nOnce upon a time.",
        "Text:\nEs war einmal.",
        "Text von Lena Schmidt:\nEs war einmal.",
        "Hier ist ein Foto vom Eiffelturm:\n[Zeichnung: Turm]",
        "This is a picture of a volcano:\n[drawing: volcano]",
        "Setze folgende Wörter in den Text ein:\nHund, Katze",
        "Put the following words into the text:\ndog, cat",
        "In dem Text steht:\nHunde sind treu.",
        "Folgendes steht im Text:\n1. Hunde sind treu.",
        "Der Inhalt von Strophe 1 ist:\nDer Herbst kommt.",
        "Ich habe im Text diese Verben gefunden:\nlaufen",
        "The text says:\nDogs are loyal.",
        "Auf dem Bild steht:\nHunde verboten",
        "Proteine\n\nWenn sie im Kern abgelesen wird, nennt man das Transkription.",
        "DNA\n\nOnly in the nucleus is there transcription of DNA into RNA.",
        "Hallo Tim\n\nWenn du meinen Hefteintrag abschreiben möchtest, komm vorbei.",
        "Hallo Tim\n\nSag Bescheid, wenn ich dir noch weitere Seiten schicken soll.",
        "Hi Tom\n\nLet me know if you want to read more pages.",
        "Edition\n\nDie Rechtschreibfehler wurden aus dem Original übernommen.",
        "Comic\nTom: <thinking> Was? </thinking>\nMonster: Buh!",
        "```python\nprint(1)\n```\nDas gibt 1 aus.\n```python\nprint(2)\n```",
        "```\nprint(1)\n```\nDas gibt 1 aus.\n```\nprint(2)\n```",
        "Comic: Das Monster\nTom: <thinking> Was ist das für ein Geräusch?\nMonster: Buh!",
        "Das Laubblatt\n[Zeichnung: Blatt mit Beschriftung]",
        "Seite 10 von 12\nAnhang",
        "Copy word for word.",
    ],
)
@pytest.mark.parametrize("before", ["", "[Abschrift]\n"])
def test_nothing_of_a_pupil_s_own_is_taken_for_what_models_put_around_a_page(before: str, page: str) -> None:
    assert judge(before + page).text == page


@pytest.mark.parametrize("info", ["python", ""])
@pytest.mark.parametrize("behind", ["\nDas Programm gibt 1 aus.", ""])
def test_code_in_a_fence_that_is_in_a_fence_stays_and_the_outer_one_goes(info: str, behind: str) -> None:
    page = f"Programm\n```{info}\nprint(1)\n```{behind}"
    assert page_of(f"```\n[Abschrift]\n{page}\n```") == page
    assert page_of(page) == page


def test_with_the_line_pupils_own_announcements_stay() -> None:
    assert page_of("[copy]\nHere is the text:\nOnce upon a time") == "Here is the text:\nOnce upon a time"


def test_the_prompt_behind_the_line_is_doubted_and_without_it_no_page() -> None:
    echo = load_prompts("").of("en", Purpose.VISION).system
    assert judge(echo).text == ""
    assert (judge(f"[copy]\n{echo}").text, judge(f"[copy]\n{echo}").doubtful) == (echo.strip(), True)


def test_nothing_behind_the_line_is_an_empty_answer() -> None:
    assert judge("[Abschrift]").problem.reason == "answer_empty"  # type: ignore[union-attr]
    assert judge("[Abschrift]\n[leer]").problem.reason == "answer_says_empty"  # type: ignore[union-attr]


def test_a_habit_is_formed_by_sixteen_of_the_last_twenty() -> None:
    assert not formed("").formed
    assert not formed("1" * (MOSTLY - 1)).formed
    assert formed("1" * MOSTLY).formed
    assert formed("0" * REMEMBERED + "1" * REMEMBERED).formed
    assert formed("1" * REMEMBERED + "0000").formed
    assert not formed("1" * REMEMBERED + "00000").formed


def test_each_model_has_its_own_habit_with_each_prompt() -> None:
    habits = Habits()
    for _ in range(REMEMBERED):
        habits.of("eye", "a1").learn(written=True)

    assert habits.of("eye", "a1").formed
    assert not habits.of("other", "a1").formed
    assert not habits.of("eye", "b2").formed


def test_answers_form_the_habit_and_refusals_do_not() -> None:
    habit = Habit()
    for _ in range(REMEMBERED):
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


@pytest.mark.parametrize(
    "again", [PAGE_OF_SOME_LENGTH, "Das Herz pumpt Blut.", "", "[leer]", REFUSAL, "[Abschrift]\nDarauf ist kein Text."]
)
def test_a_page_that_comes_without_the_line_is_kept_with_a_note_whatever_is_said_again(again: str) -> None:
    text, problem, *_ = asked(PAGE_OF_SOME_LENGTH, again, habit=formed())
    assert (text, problem) == (PAGE_OF_SOME_LENGTH, "answer_without_first_line")


def test_of_two_answers_that_differ_the_longer_one_counts_with_a_note() -> None:
    """The first may have been a refusal in words that nobody knew."""
    text, problem, *_ = asked("Nope.", f"[Abschrift]\n{PAGE_OF_SOME_LENGTH}", habit=formed())
    assert (text, problem) == (PAGE_OF_SOME_LENGTH, "answer_without_first_line")


@pytest.mark.parametrize("begun_at", [0, 1])
def test_words_that_are_certain_count_if_the_same_is_read_behind_the_line(begun_at: int) -> None:
    page = "Hausaufgabe: Den Text wörtlich abschreiben!"
    answers = [page, page]
    answers[begun_at] = f"[Abschrift]\n{page}"
    assert asked(*answers, habit=formed())[0] == page


def test_a_call_that_fails_when_asking_again_costs_no_page() -> None:
    assert read(then_fails(TOTAL_TIMEOUT()), (), (0.0, 0.5), lambda reason: None, formed()).text == PAGE


def test_a_model_server_that_is_away_when_asking_again_is_waited_for() -> None:
    with pytest.raises(Fault, match=str(CONNECTION_LOST())):
        read(then_fails(CONNECTION_LOST()), (), (0.0, 0.5), lambda reason: None, formed())


def then_fails(fault: Fault) -> Ask:
    """A page without the line, and then a fault of the model server."""
    answers = iter([heard(PAGE)])

    def ask(temperature: float) -> Heard:
        for answer in answers:
            return answer
        raise fault

    return ask


def test_a_cut_copy_of_it_is_no_better() -> None:
    answers = [heard(PAGE), heard(f"{PAGE} Und noch einmal von vorn: Die Pflanze", "length")]
    page = read(lambda temperature: answers.pop(0), (), (0.0, 0.5), lambda reason: None, formed())
    assert (page.text, page.whole) == (PAGE, True)


def test_doubtful_words_behind_the_line_count_for_more_than_a_few_without_it() -> None:
    page = "Ich soll den Satz 50 Mal abschreiben: Ich darf im Unterricht nicht reden."
    assert asked(f"[Abschrift]\n{page}", "Nope.")[:2] == (page, "answer_refused")
    assert asked(f"[Abschrift]\n{page}", "Nope.", habit=formed())[0] == page


def test_a_long_beginning_behind_the_line_counts_for_more_than_a_few_words() -> None:
    beginning = " ".join(f"Am Tag {day} war sie {day * day % 97} cm hoch." for day in range(100))
    for order in ((0, 1), (1, 0)):
        answers = [
            heard(f"[Abschrift]\n{beginning}", "length"),
            heard("Nope."),
        ]
        told = [answers[place] for place in order]
        page = read(lambda temperature, told=told: told.pop(0), (), (0.0, 0.5), lambda reason: None, formed())  # type: ignore[misc]
        assert (page.text, page.whole) == (beginning.strip(), False)


def test_of_a_refusal_that_loops_nothing_is_kept() -> None:
    page = judged(Heard("I'm sorry, I cannot read the handwriting in this image. " * 80, fault=LOOPING()), PROMPTS)
    assert page.text == ""


@pytest.mark.parametrize(
    "said", ["**[leer]**", "[leer].", "`[leer]`", "\\[leer\\]", "[Seite leer]", "[Die Seite ist leer.]"]
)
def test_an_empty_page_is_told_in_several_ways(said: str) -> None:
    for answer in (said, f"[Abschrift]\n{said}"):
        assert judge(answer).problem.reason == "answer_says_empty"  # type: ignore[union-attr]


def test_where_nothing_was_found_at_first_the_page_without_the_line_counts() -> None:
    assert asked("[leer]", PAGE, habit=formed())[0] == PAGE


def test_of_pages_that_twice_come_without_the_line_only_some_that_are_closest_to_talk_are_lost() -> None:
    def lost(pages: list[str]) -> list[str]:
        return [page for page in pages if asked(page, page, habit=formed())[0] != page.strip()]

    assert lost([*measured("normal_pages"), *(entry["text"] for entry in corpus("honest"))]) == []
    assert len(lost([*known("normal_pages"), *tuned("normal_pages")])) <= 12


def test_a_refusal_in_other_words_is_no_page_however_often_it_is_said() -> None:
    """By its words alone it is only doubtful, and would be kept."""
    refusal = "The photo is too dark to read, please upload it again."

    assert asked(refusal, refusal)[:2] == (refusal, "answer_refused")
    assert asked(refusal, refusal, habit=formed())[:2] == ("", "answer_refused")


def test_a_page_s_own_vote_does_not_change_how_it_is_judged() -> None:
    just_formed = formed("0000" + "1" * MOSTLY)
    assert asked(PAGE, PAGE, habit=just_formed)[:2] == (PAGE, "answer_without_first_line")
    assert asked(PAGE, PAGE, habit=formed("1" * MOSTLY + "0000"))[:2] == (PAGE, "answer_without_first_line")


def test_whether_the_first_answer_had_the_line_is_told() -> None:
    """For whoever measures a model: the second answer may have it for being asked again."""
    answers = [heard(PAGE), heard(BEGUN)]
    page = read(lambda temperature: answers.pop(0), (), (0.0, 0.5), lambda reason: None, formed())
    assert (page.text, page.begun) == (PAGE, False)


def test_a_long_answer_is_a_page_without_the_line_as_well() -> None:
    page = "Die Pflanze macht Zucker. " * 100
    assert judge(page).problem is None
    assert asked(page, habit=formed())[1] is None
