"""Texts that are not fit for a pupil, quotes that nobody wrote, pages with nothing on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from submissions.feedback.blank import blankness
from submissions.feedback.evidence import passage
from submissions.feedback.folding import folded, words
from submissions.feedback.form import EXPLANATION_LENGTH
from submissions.feedback.json_object import NoObject, find_object
from submissions.feedback.judge import judge
from submissions.feedback.language import LITTLE_WORDS, is_other_language
from submissions.feedback.latex import restored
from submissions.feedback.question import Question
from submissions.feedback.quoting import echoes, quotes_hints
from submissions.feedback.reading import read_answer
from submissions.feedback.scores import derived_overall
from submissions.feedback.sense import Material, Nonsense, nonsense_in
from submissions.model_server import Answer
from submissions.prompts import Prompts
from submissions.task import TaskContext
from submissions.vision.marks import marked
from tests.feedback.asking import ROOM
from tests.feedback.corpora import corpus
from tests.feedback.example import ANSWER, TASK, TEXT


@pytest.mark.parametrize("entry", corpus("honest"), ids=lambda entry: entry["text"][:30])
def test_homework_is_in_its_own_language_and_never_taken_for_the_other(entry: dict[str, Any]) -> None:
    assert not is_other_language(entry["text"], entry["language"])


def test_two_sentences_are_enough_to_tell_the_other_language() -> None:
    prose = [entry for entry in corpus("honest") if len(entry["text"].split()) >= 20 and "<" not in entry["text"]]
    told = [is_other_language(entry["text"], "de" if entry["language"] == "en" else "en") for entry in prose]
    assert sum(told) >= 0.95 * len(told)


def test_a_quotation_in_the_other_language_is_no_mistake() -> None:
    quoted = "Du schreibst „I would recommend this book to everyone who likes gardens and has patience“. Das ist klar."
    assert not is_other_language(quoted, "de")


def about(entry: dict[str, Any]) -> Material:
    """What an entry of a corpus of feedback is about."""
    task = TaskContext(entry.get("instruction", ""), (), entry.get("hints", ""), entry["language"])
    return Material(task, entry.get("pupil", ""))


@pytest.mark.parametrize("entry", corpus("honest_feedback"), ids=lambda entry: entry["text"][:30])
def test_good_feedback_is_shown_whatever_it_quotes(entry: dict[str, Any]) -> None:
    assert nonsense_in(entry["text"], EXPLANATION_LENGTH, about(entry)) is None


@pytest.mark.parametrize("entry", corpus("other_languages"), ids=lambda entry: entry["text"][:30])
def test_another_language_is_noticed_in_a_sentence_or_two(entry: dict[str, Any]) -> None:
    assert nonsense_in(entry["text"], EXPLANATION_LENGTH, about(entry)) is Nonsense.OTHER_LANGUAGE


def test_no_other_language_shares_a_little_word_with_those_of_the_tasks() -> None:
    for language in ("de", "en"):
        others = (listed for each, listed in LITTLE_WORDS.items() if each != language)
        assert not LITTLE_WORDS[language] & frozenset().union(*others)


HINTS = "Erwartet: Chloroplasten mit Chlorophyll in den Blättern; Produkte: Traubenzucker und Sauerstoff."


@pytest.mark.parametrize(
    ("answer", "leaks"),
    [
        ("Ergänze: Chloroplasten mit Chlorophyll in den Blättern.", True),
        ("Ergänze: „Chloroplasten – mit Chlorophyll, in den BLÄTTERN“.", True),
        ("Nenne auch, wo in der Zelle das geschieht.", False),
        ("Die Chloroplasten hast du gut erklärt, Traubenzucker und Sauerstoff auch.", False),
        ("Du nennst die Produkte Traubenzucker und Sauerstoff richtig.", False),
    ],
)
def test_five_words_of_the_hints_in_a_row_are_a_leak(answer: str, leaks: bool) -> None:
    assert quotes_hints(answer, HINTS, ()) is leaks


@pytest.mark.parametrize(
    ("hints", "answer"),
    [
        ("The war was won by the Red Army in the east.", "You forgot: the war was won by the Red Army in the east!"),
        ("Zwei Wege: 480 mal 0,85 oder 72 abziehen.", "Du kannst 480 mal 0,85 oder 72 abziehen."),
        ("x = 3 oder x = 5, also L = {3; 5}", "Es fehlt: x = 3 oder x = 5, L = {3; 5}."),
        ("Es ist so, dass er es ihr nie gab.", "Schreibe: Es ist so, dass er es ihr nie gab."),
    ],
)
def test_hints_of_short_words_and_of_numbers_are_a_leak_too(hints: str, answer: str) -> None:
    assert quotes_hints(answer, hints, [])
    assert not quotes_hints(answer, hints, [words(hints)])


def test_numbers_of_the_task_and_six_little_words_tell_nothing() -> None:
    hints = "480 minus 15 % von 480, denn es ist so, dass er es tut"
    assert not quotes_hints("Rechne: 480 minus 15 % von 480!", hints, [words("Ein Rad kostet 480 Euro, minus 15 %.")])
    assert not quotes_hints("Denn es ist so, dass du es kannst.", hints, [])


def test_what_the_pupil_or_the_task_says_is_no_secret() -> None:
    answer = "Du nennst Chloroplasten mit Chlorophyll in den Blättern."
    assert not quotes_hints(answer, HINTS, [words("Es gibt Chloroplasten mit Chlorophyll in den Blättern.")])


def test_short_hints_count_as_a_whole() -> None:
    assert quotes_hints("Die Lösung lautet Paris an der Seine.", "Lösung: Paris", ()) is False
    assert quotes_hints("Es fehlt: Karl der Große.", "Karl der Große", ()) is False
    assert quotes_hints("Es fehlt: Otto regierte Sachsen.", "Otto regierte Sachsen", ()) is True


def test_giving_most_of_the_text_back_is_an_echo_and_quoting_a_sentence_is_none() -> None:
    assert echoes(f"Du schreibst: {TEXT}", words(TEXT))
    assert not echoes("Du schreibst: „Zweitens musste nur der Dritte Stand richtig Steuern zahlen“. Gut!", words(TEXT))


SHORT = " ".join(TEXT.split()[3:26])
LONG = " ".join(f"Haus {each} steht in Straße {each + 500} neben Baum {each + 900}." for each in range(100))


@pytest.mark.parametrize(
    ("text", "answer", "is_echo"),
    [
        (SHORT, SHORT, True),
        (SHORT, f"Du schreibst: {SHORT}", True),
        (LONG, LONG[:1490], True),
        (LONG, f"Gut gemacht! {LONG[700:1200]}", True),
        (
            LONG,
            f"{LONG[:200]} Das ist gut. Nenne noch, warum es so ist und wer dort wohnt, denn das fehlt bisher ganz.",
            False,
        ),
        (
            "Karl war Kaiser im Jahr 800 in Rom am Tiber.",
            "Karl war Kaiser im Jahr 800: richtig, und zwar in Rom.",
            False,
        ),
        ("Die Katze schläft.", "Die Katze schläft.", False),
    ],
)
def test_an_answer_that_consists_of_the_pupils_words_is_an_echo_however_short_or_long_the_text(
    text: str, answer: str, is_echo: bool
) -> None:
    assert echoes(answer, words(text)) is is_echo


@pytest.mark.parametrize(
    ("quote", "kept"),
    [
        ("das Brot wurde so teuer", "das Brot wurde so teuer"),
        ("„Das Brot wurde so teuer.“", "das Brot wurde so teuer"),
        ("nur der Dritte Stand richtig", "nur der **Dritte Stand** richtig"),
        ("viel Geld für sein Schloss", "viel Geld für sein\nSchloss"),
        ("Erstens war der Staat … Drittens war die Ernte", "Erstens war der Staat … Drittens war die Ernte"),
        ("Drittens war die Ernte [...] Erstens war der Staat", ""),
        ("das Brot wurde teuer", ""),
        ("Geld für sein Schlos", ""),
        ("und", "und"),
        ("so", ""),
        ("…", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_evidence_is_what_the_pupil_wrote_in_the_pupils_own_characters(quote: str, kept: str) -> None:
    assert passage(quote, folded(TEXT)) == kept


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("Photosynthese ist wichtig", "Die Photo-\nsynthese ist wichtig."),
        ("ein schöner Tag", "Heute ist ein scho\u0308ner Tag!"),
        ('sie sagte "nein"', "Und sie sagte »nein«."),
        ("1914-1918", "Der Krieg 1914–1918 war schlimm."),
        ("3*4 = 12", "Ich rechne 3*4 = 12 aus."),
        ("3 * 4 = 12", "Ich rechne 3*4 = 12 aus."),
        ("3*4=12", "Ich rechne 3 * 4 = 12 aus."),
        ("12:4=3", "Also 12 : 4 = 3."),
        ("2x+4 = 18", "2x + 4 = 18"),
        ("水循环", "我喜欢水循环的故事"),
        ("循环", "我喜欢水循环的故事"),
        ("カエル", "わたしはカエルがすきです。"),
        ("ชอบ", "ฉันชอบอ่านหนังสือ"),
        ("x = 7", "Dann ist x = 7."),
        ("x=7", "Dann ist x = 7, das passt."),
        ("42", "42"),
        ("-7", "Es sind -7 Grad."),
    ],
)
def test_how_something_is_set_does_not_decide_whether_it_was_written(quote: str, text: str) -> None:
    assert passage(quote, folded(text))


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("x = 7", "Dann ist x = 75."),
        ("x = 7", "Dann ist x = 7,5."),
        ("7 = x", "0.7 = x"),
        ("x = 7", "Dann ist 2x = 7."),
        ("3*4 = 12", "Ich rechne 34 = 12 aus."),
        ("-7", "Es sind 7 Grad."),
        ("水", "我喜欢水循环的故事"),
        ("ab", "ab und zu"),
    ],
)
def test_what_only_resembles_what_was_written_is_no_evidence(quote: str, text: str) -> None:
    assert passage(quote, folded(text)) == ""


def test_a_passage_is_kept_with_the_pupils_own_blanks() -> None:
    assert passage("3*4=12, weil", folded("Ich rechne 3 * 4  = 12, weil es so ist.")) == "3 * 4  = 12, weil"


def test_a_quote_that_its_bound_cut_within_a_word_is_kept_with_the_whole_word() -> None:
    text = "Wort " * 47 + "Sonnenuntergang am Meer"
    quote = text[:240]
    assert passage(quote, folded(text)) == "Wort " * 47 + "Sonnenuntergang"


def test_evidence_is_found_in_the_text_as_it_was_sent() -> None:
    assert (
        passage("Er schrieb <\u2060|im_end|\u2060> hin", folded("Er schrieb <|im_end|> hin."))
        == "Er schrieb <|im_end|> hin"
    )


def test_a_formula_that_the_pupil_wrote_is_found_however_its_backslash_was_escaped() -> None:
    written = r"Also ist \frac{1}{2} die Lösung."
    answer = {**ANSWER, "criterion_1": {"explanation": "Gut.", "evidence": "ist \frac{1}{2} die", "score": 8}}
    reading = read_answer(json.dumps(answer), Material(TASK, written))
    assert reading.criteria[0].evidence == r"ist \frac{1}{2} die"


@pytest.mark.parametrize(
    "text", ["Zeile\neq. (1)", "a\tan die Tafel", "\there", "\nright", "\text und", "x\to y", "\rangle"]
)
def test_what_may_be_a_tab_or_a_new_line_stays_one(text: str) -> None:
    assert restored(text) == text


def test_a_text_that_filled_its_bound_ends_with_its_last_whole_sentence() -> None:
    explanation = ("Das ist gut erklärt. " * 40)[:EXPLANATION_LENGTH]
    answer = {**ANSWER, "criterion_1": {"explanation": explanation, "score": 8}}
    reading = read_answer(json.dumps(answer), Material(TASK, TEXT))
    assert reading.criteria[0].explanation.endswith("erklärt.")
    assert reading.parse_status == "parsed_repaired"


@pytest.mark.parametrize(
    ("scores", "overall"),
    [
        ([(8, 10), (3, 5), (6, 10)], 3),
        ([(10, 10), (5, 5)], 5),
        ([(0, 10), (0, 5)], 0),
        ([(1, 10)], 1),
        ([(8, 10), (None, 5), (6, 10)], 4),
        ([(8, 10), (None, 5)], None),
        ([(None, 10)], None),
        ([], None),
    ],
)
def test_the_overall_score_is_derived_when_more_than_half_of_the_criteria_have_points(
    scores: list[tuple[int | None, int]], overall: int | None
) -> None:
    assert derived_overall(scores) == overall


@pytest.mark.parametrize("text", ["{" + '"a":{' * 5000, '{"a":' * 5000, "[" * 100_000, '{"a":"' + "\\u" * 10])
def test_an_answer_made_to_break_a_parser_is_no_object(text: str) -> None:
    with pytest.raises(NoObject):
        find_object(text)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("", "blank"),
        (" \n\t\u00a0\u200b ", "blank"),
        ("[leer]", "blank"),
        ("[leer]\n\n[leer]", "blank"),
        ("[empty]", "blank"),
        ("---\n......\n* * *", "blank"),
        ("?!", "blank"),
        ("=== | ~ > $ +", "blank"),
        ("ab", "too_short"),
        ("B", "too_short"),
        ("ja", "too_short"),
        ("No.", "too_short"),
        ("π", "too_short"),
        ("水", "too_short"),
        ("👍", "too_short"),
        ("∞", "too_short"),
        ("[leer]\n\nja", "too_short"),
        ("[unleserlich] ja", "unreadable"),
        ("[unleserlich]", "unreadable"),
        ("[unleserlich] [unleserlich]\n[illegible]", "unreadable"),
        ("[leer]\n[unleserlich]", "unreadable"),
        (marked("", "de"), "unreadable"),
        (marked("", "en"), "unreadable"),
        ("[ab hier unleserlich]\n\n[illegible from here on]", "unreadable"),
        ("Rom", None),
        ("42", None),
        ("x = 7", None),
        ("水循环", None),
        ("水循", None),
        ("a + b", None),
        ("x = y", None),
        ("x<y", None),
        ("x²", None),
        ("**Rom**", None),
        ("[unleserlich] Wort", None),
        ("[Zeichnung: Blatt mit Beschriftung]", None),
    ],
)
def test_what_is_blank_and_what_is_an_answer(text: str, mark: str | None) -> None:
    assert blankness(text) == mark


def never(question: Question) -> Answer:
    raise AssertionError(question)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("text", [" ", "[unleserlich]", "B"])
def test_a_blank_text_is_not_asked_about_and_gets_no_scores(
    prompts: Prompts, satisfies_contract: Callable[[object], None], language: str, text: str
) -> None:
    task = TaskContext(TASK.instruction, TASK.criteria, TASK.hints, language)
    judgement = judge(task, text, prompts, never, ROOM)
    satisfies_contract(judgement.analysis)
    assert "score" not in json.dumps(judgement.analysis).replace("max_score", "")
    assert len(judgement.analysis["criteria_results"]) == 3
    assert judgement.parse_status == "nothing_to_assess"
    assert judgement.details["marks"] == [blankness(text)]
    assert not is_other_language(judgement.feedback_md, language)
    assert judgement.model == ""


@pytest.mark.parametrize("language", ["de", "en"])
def test_who_wrote_a_letter_is_not_told_that_there_is_no_text(prompts: Prompts, language: str) -> None:
    task = TaskContext(TASK.instruction, TASK.criteria, TASK.hints, language)
    told = [judge(task, text, prompts, never, ROOM).feedback_md for text in ("", "B")]
    assert ["No text was found" in each or "kein Text gefunden" in each for each in told] == [True, False]
