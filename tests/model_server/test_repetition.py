"""Loops are noticed while the model still talks, and what people really write is not taken for one."""

import pytest

from modelserver.testing import ScriptedServer
from submissions.errors import AnswerFault
from submissions.model_server import ModelServer
from submissions.model_server.repetition import WINDOW, RepetitionWatch
from tests.model_server.asking import a_request, fault_of
from tests.model_server.repetitive import MEASURED, PAGES, TUNED, UNITS, drawn

INTRODUCTION = "Am Morgen ging ich in den Wald und sammelte Pilze, bis es zu regnen anfing.\n"
PARAGRAPH = (
    "Der Wolf schlich leise durch das hohe Gras und sah sich nach allen Seiten um, denn er hatte seit drei Tagen"
    " nichts gefressen und fürchtete die Hunde des Schäfers, die irgendwo in der Nähe sein mussten.\n"
)
REFRAIN = "Es klappert die Mühle am rauschenden Bach, klipp klapp!\n"
HONEST = {
    "a contents page with dot leaders": "".join(f"{n}. Kapitel {'.' * 100} {n * 7}\n" for n in range(1, 41)),
    "a row of dots": "Name: " + "." * 300,
    "a page of writing lines": ("_" * 80 + "\n") * 35,
    "a rule over a whole line": "-" * 200 + "\n",
    "a page of empty table rows": "| Vokabel | Übersetzung |\n|---|---|\n" + "|         |             |\n" * 40,
    "a table of equal marks": "| Schüler | Note |\n|---|---|\n" + "".join(f"| S{n} | gut |\n" for n in range(60)),
    "a poem with a refrain": "".join(f"Strophe {n}: {PARAGRAPH[n:]}{REFRAIN}{REFRAIN}" for n in range(12)),
    "a multiplication table": "".join(f"{a} · {b} = {a * b}\n" for a in range(1, 11) for b in range(1, 11)),
    "forty equal lines": "Ich soll im Unterricht nicht mit meinem Nachbarn reden.\n" * 40,
    "writing practice": ("Oma " * 12 + "\n") * 25,
    "a sentence copied four times": PARAGRAPH * 4,
    "a padded table": "".join(f"| Wort {n}{' ' * 300}| Satz{' ' * 300}|\n" for n in range(12)),
    "a long number": "0,142857" + "142857" * 60,
    "long prose": "".join(f"{n}: {INTRODUCTION}" for n in range(300)),
}


def pieces(text: str, size: int = 4) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def seen_after(text: str) -> int | None:
    """How many characters had come when a loop was seen."""
    watch = RepetitionWatch()
    for number, piece in enumerate(pieces(text), 1):
        if watch.loops(piece):
            return number * 4
    return None


@pytest.mark.parametrize("seeds", [TUNED, MEASURED])
@pytest.mark.parametrize("kind", UNITS)
def test_a_loop_is_seen_before_it_fills_the_window(kind: str, seeds: range) -> None:
    for _, unit in drawn({kind: UNITS[kind]}, seeds):
        seen = seen_after(INTRODUCTION + unit * (2 * WINDOW // len(unit)))
        assert seen is not None, unit
        assert seen <= WINDOW, unit


def is_no_loop(text: str) -> bool:
    return seen_after(INTRODUCTION + text + "\n" + INTRODUCTION * 2) is None and seen_after(text) is None


@pytest.mark.parametrize("seeds", [TUNED, MEASURED])
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_on_which_people_repeat_themselves_is_no_loop(kind: str, seeds: range) -> None:
    assert [text for _, text in drawn({kind: PAGES[kind]}, seeds) if not is_no_loop(text)] == []


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST.keys())
def test_what_people_write_is_no_loop(text: str) -> None:
    assert is_no_loop(text)


def test_a_loop_that_begins_late_is_seen_as_well() -> None:
    assert seen_after(HONEST["long prose"] + "und so weiter " * 500) is not None


@pytest.mark.parametrize("where", ["text", "thinking"])
def test_a_looping_model_is_cut_off(model_server: ModelServer, script: ScriptedServer, where: str) -> None:
    script.config(models=[{"name": "scripted-text", "capabilities": ["completion", "thinking"]}])
    script.rules([{"action": {where: "immer wieder " * 1500}}])
    caught = fault_of(model_server, a_request(num_ctx=16_384, num_predict=8192, think="low"))
    assert (type(caught), caught.reason) == (AnswerFault, "repetition")


def test_an_endless_loop_is_cut_off_long_before_its_limit(model_server: ModelServer, script: ScriptedServer) -> None:
    script.config(tokens_per_second=2000)
    script.rules([{"action": {"fault": {"name": "repeat", "text": "und noch einmal ", "ending": "never"}}}])
    caught = fault_of(model_server, a_request(num_ctx=131_072, num_predict=100_000))
    assert caught.reason == "repetition"
    script.wait(ended=1)
    assert script.requests()[0]["tokens"] < 2000


@pytest.mark.parametrize(("count", "ending"), [(31, "done_false"), (100, "error")])
def test_a_loop_that_the_server_itself_aborts_is_told_from_a_broken_answer(
    model_server: ModelServer, script: ScriptedServer, count: int, ending: str
) -> None:
    script.rules([{"action": {"fault": {"name": "repeat", "count": count, "ending": ending}}}])
    caught = fault_of(model_server)
    assert (type(caught), caught.reason) == (AnswerFault, "repetition")


def test_a_repetitive_answer_that_comes_to_a_clean_end_is_an_answer(
    model_server: ModelServer, script: ScriptedServer
) -> None:
    script.rules([{"action": {"tokens": [*["bla "] * 200, "Ende."]}}])
    assert model_server.ask(a_request()).text.endswith("Ende.")
