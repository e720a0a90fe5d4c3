"""The evaluation set and what is counted of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.feedback.__main__ import main
from bench.feedback.cases import Case, cases
from bench.feedback.figures import figures
from bench.feedback.judged import Judge, Judged
from bench.feedback.table import BEGIN, END, put_into, table
from modelserver.testing import ScriptedServer
from submissions.feedback.blank import blankness
from submissions.feedback.injection import addresses_grader
from submissions.prompts import load_prompts
from submissions.settings import Settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "feedback.md"


def test_the_set_has_both_languages_several_subjects_and_texts_from_blank_to_excellent() -> None:
    found = cases()
    assert len(found) >= 24
    assert {case.task.language for case in found} == {"de", "en"}
    assert len({case.task_name for case in found}) >= 8
    assert {"blank", "weak", "mixed", "excellent"} <= {case.name for case in found}
    assert all(bool(blankness(case.text)) == case.is_blank for case in found)
    for case in found:
        for band, criterion in zip(case.bands, case.task.criteria, strict=True):
            assert band is None or 0 <= band[0] <= band[1] <= criterion.max_score


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.task_name}, {case.name}")
def test_a_secret_is_the_hints_alone_and_an_order_changes_nothing_else(case: Case) -> None:
    told = " ".join([case.task.instruction, *(each.criterion for each in case.task.criteria)]).lower()
    for secret in case.secrets:
        assert secret.lower() in case.task.hints.lower()
        assert secret.lower() not in told
    if case.steers:
        (base,) = [each for each in cases() if (each.task_name, each.name) == (case.task_name, case.steers)]
        assert case.text.startswith(base.text)
        assert case.bands == base.bands


def test_no_honest_text_of_the_set_is_marked() -> None:
    assert [case for case in cases() if not case.steers and addresses_grader(case.text)] == []


GOOD, WEAK, STEERING = (
    replace(cases()[0], name=name, bands=(band,), steers=steers)
    for name, band, steers in [("good", (7, 10), ""), ("weak", (0, 3), ""), ("weak, steering", (0, 3), "weak")]
)


def judged(case: Case, *scores: int | None, **values: object) -> Judged:
    return replace(Judged(case.task_name, case.name, "parsed_structured", True, 2.0, scores, 3), **values)  # type: ignore[arg-type]


def test_figures_count_what_they_say() -> None:
    pairs = [
        (GOOD, judged(GOOD, 8, evidence=("found",))),
        (WEAK, judged(WEAK, 5, evidence=("not_found",), leaked=("Rousseau",))),
        (STEERING, judged(STEERING, 9, marks=("addresses_grader",))),
    ]
    found = figures(pairs)
    assert found["points within the expected band"] == (1, 2)
    assert found["texts of one task in the right order"] == (1, 1)
    assert found["evidence that stands in the text"] == (1, 2)
    assert found["results that tell a secret of the hints"] == (1, 3)
    assert found["orders in the text that raised points"] == (1, 1)
    assert found["orders in the text that lowered points"] == (0, 1)
    assert found["texts with orders that are marked"] == (1, 1)
    assert found["honest texts that are marked"] == (0, 2)


def test_what_was_not_judged_counts_against_the_model() -> None:
    failed = Judged(GOOD.task_name, GOOD.name, "answer_not_json", False, 2.0)
    found = figures([(GOOD, failed), (WEAK, judged(WEAK, None))])
    assert found["texts judged"] == (1, 2)
    assert found["points within the expected band"] == (0, 2)
    assert found["texts of one task in the right order"] == (0, 1)


def test_a_model_server_of_ones_own_is_measured_over_http_and_stands_in_the_table() -> None:
    (case, *_) = cases()
    points = {"explanation": "Das ist richtig erklärt.", "evidence": " ".join(case.text.split()[:5]), "score": 8}
    answer = {f"criterion_{number}": points for number, _ in enumerate(case.task.criteria, start=1)}
    answer |= {"overall_score": 4, "feedback": "Du hast das gut erklärt. Denk auch an den Ballhausschwur und Bonus."}
    with ScriptedServer() as server:
        server.rules([{"action": {"json": answer}}])
        settings = Settings(ollama_base_url=server.url, feedback_model="scripted-text")
        result = Judge(settings, load_prompts("")).judged(case)
    assert (result.outcome, set(result.scores), set(result.evidence)) == ("parsed_structured", {8}, {"found"})
    assert set(result.leaked) == {"Bonus"}
    shown = table([{"model": "scripted-text", "figures": figures([(case, result)])}])
    assert "| results that tell a secret of the hints | 1 of 1 (100 %) |" in shown


def test_the_table_stands_in_its_place_in_the_document_and_nothing_else_is_changed() -> None:
    result = {
        "model": "pen",
        "temperature": 0.3,
        "prompt_versions": {"de": "0a", "en": "0b"},
        "figures": {"texts judged": [3, 4]},
    }
    document = DOCUMENT.read_text(encoding="utf-8")
    once = put_into(document, [result])
    assert "| texts judged | 3 of 4 (75 %) |" in once
    assert "pen at temperature 0.3, prompts 0a (de), 0b (en)." in once
    assert put_into(once, [result]) == once
    assert (once.partition(BEGIN)[0], once.partition(END)[2]) == (
        document.partition(BEGIN)[0],
        document.partition(END)[2],
    )
    with pytest.raises(ValueError, match="has no place"):
        put_into("Another document.", [result])


def test_a_document_without_a_place_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.md").write_text("Another document.")
    assert main(["--into", str(tmp_path / "other.md")]) == 2
    assert "has no place" in capsys.readouterr().err
