"""Pages that the model does not read: marked at their place, named beside the text, and the submission goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelserver.testing import ScriptedServer
from tests.factories import rows
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_long_documents import asked_pages, drawn_pdf
from tests.worker.test_whole_path import a_photo, all_completed, hand_in, statuses, vision_calls

LOOP = "Und noch einmal von vorn. "

#: Page → what the model says to the first and to the second question about it; one answer: to both.
ANSWERS: dict[int, list[dict[str, object]]] = {
    1: [{"text": "Seite eins."}],
    2: [{"text": "Es tut mir leid, aber ich kann dieses Bild nicht lesen."}],
    3: [{"text": "I'm sorry, but I can't assist with that request."}, {"text": "Seite drei."}],
    4: [{"fault": {"name": "repeat", "text": LOOP, "ending": "never"}}],
    5: [{"text": "Seite fünf bis hierher", "done_reason": "length"}],
    6: [{"text": "Hier ist die Abschrift der Seite:\n\n```markdown\nSeite sechs.\n```"}],
    7: [{"text": "  "}],
    8: [{"text": "Das Bild zeigt eine handgeschriebene Seite aus einem Schulheft."}],
    9: [{"text": "<think>Ich lese.</think>Seite\u0000 neun."}],
}


def rules() -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for page, answers in ANSWERS.items():
        for nth, action in enumerate(answers, 1):
            last = nth == len(answers)
            made.append(
                {"match": {"contains": f"Seite {page} von 9.", **({} if last else {"times": 1})}, "action": action}
            )
    return made


def test_what_cannot_be_read_is_marked_at_its_place_and_the_submission_goes_on(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.config(tokens_per_second=5000, num_parallel=4)
    model_server.rules(rules())
    hand_in(environment, platform_url, [drawn_pdf(tmp_path / "nine.pdf", 9)])
    with Worker({**environment, "WORKER_CONCURRENCY": "4"}) as worker:
        until(lambda: all_completed(owner_url), "a completed submission", timeout=60)
        assert not [line for line in worker.output if "Schulheft" in line or "leid" in line]

    ((text, metadata),) = rows(owner_url, "SELECT text_body, internal_metadata FROM learning_submissions")
    assert text.split("\n\n") == [
        "Seite eins.",
        "[unleserlich]",
        "Seite drei.",
        LOOP.strip(),
        "[ab hier unleserlich]",
        "Seite fünf bis hierher",
        "[ab hier unleserlich]",
        "Seite sechs.",
        "[unleserlich]",
        "[unleserlich]",
        "Seite neun.",
    ]
    assert metadata == {
        "unreadable_pages": {
            "2": "answer_refused",
            "4": "repetition",
            "5": "answer_cut",
            "7": "answer_empty",
            "8": "answer_off_task",
        }
    }
    asked = asked_pages(model_server, 9)
    twice = {2, 3, 4, 5, 7, 8}
    assert {page: asked.count(f"Seite {page} von 9. Schreibe sie ab.") for page in ANSWERS} == {
        page: 2 if page in twice else 1 for page in ANSWERS
    }
    assert rows(owner_url, "SELECT max(spent) FROM learning_units") == [(1,)]
    costs = {
        page: (cost["prompt_tokens"], cost["output_tokens"], cost["total_seconds"])
        for page, cost in rows(owner_url, "SELECT page, cost FROM learning_attempts WHERE step = 'read'")
    }
    assert costs[3][0] > 1.5 * costs[1][0], "both answers are paid for"
    assert all(output > 0 and seconds > 0 for _, output, seconds in costs.values()), "also what was broken off"
    assert rows(owner_url, "SELECT page FROM learning_pages WHERE source = 'unreadable' ORDER BY page") == [
        (2,),
        (7,),
        (8,),
    ]


def test_a_page_that_may_be_a_model_s_words_is_kept_if_it_is_read_alike_twice_and_the_doubt_stands_beside_it(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    """As a pupil may write, and as a model may talk."""
    page = "Das Bild zeigt eine Schule mit vielen Schülern auf dem Hof."
    model_server.rules([{"match": {"has_images": True}, "action": {"text": page}}])
    hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    with Worker(environment):
        until(lambda: all_completed(owner_url), "a completed submission")

    assert rows(owner_url, "SELECT text_body, internal_metadata FROM learning_submissions") == [
        (page, {"doubtful_pages": {"1": "answer_off_task"}})
    ]
    assert rows(owner_url, "SELECT source, problem FROM learning_pages") == [("doubtful", "answer_off_task")]
    assert vision_calls(model_server) == 2


def test_of_a_model_that_begins_pages_as_it_is_asked_to_an_answer_that_does_not_is_no_page_without_more_ado(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    """The refusal's words alone would leave it doubtful, so that said twice it would be kept."""
    refusal = "Das Foto ist zu dunkel, bitte laden Sie es noch einmal hoch."
    answers = [
        ("Seite 1 von 2.", [refusal]),
        ("Seite 2 von 2.", ["Der Wald ist grün.", "[Abschrift]\nDer Wald ist grün!"]),
        *((f"Seite {page} von 20.", [f"[Abschrift]\nHeft, Blatt {page}."]) for page in range(1, 21)),
    ]
    model_server.rules(
        [
            {"match": {"contains": about, **({"times": 1} if nth < len(said) else {})}, "action": {"text": text}}
            for about, said in answers
            for nth, text in enumerate(said, 1)
        ]
    )
    hand_in(environment, platform_url, [drawn_pdf(tmp_path / "twenty.pdf", 20)])
    with Worker(environment):
        until(lambda: all_completed(owner_url), "a completed submission", timeout=60)
        hand_in(environment, platform_url, [drawn_pdf(tmp_path / "two.pdf", 2)])
        until(lambda: statuses(owner_url) == ["completed"] * 2, "both completed")

    query = "SELECT text_body, internal_metadata FROM learning_submissions ORDER BY created_at"
    assert rows(owner_url, query) == [
        ("\n\n".join(f"Heft, Blatt {page}." for page in range(1, 21)), {}),
        ("[unleserlich]\n\nDer Wald ist grün!", {"unreadable_pages": {"1": "answer_refused"}}),
    ]
    assert vision_calls(model_server) == 20 + 2 + 2


def test_a_page_with_marks_on_it_is_not_empty_at_the_model_s_first_word(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.rules(
        [
            {"match": {"contains": "Seite 1 von 2.", "times": 1}, "action": {"text": "[leer]"}},
            {"match": {"contains": "Seite 1 von 2."}, "action": {"text": "Doch nicht."}},
            {"match": {"contains": "Seite 2 von 2."}, "action": {"text": "[leer]"}},
        ]
    )
    hand_in(environment, platform_url, [drawn_pdf(tmp_path / "two.pdf", 2)])
    with Worker(environment):
        until(lambda: all_completed(owner_url), "a completed submission")

    assert rows(owner_url, "SELECT text_body, internal_metadata FROM learning_submissions") == [
        ("Doch nicht.", {"doubtful_pages": {"2": "answer_says_empty"}})
    ]
    assert vision_calls(model_server) == 4


def test_a_page_whose_answers_break_off_in_two_attempts_is_read_in_the_third(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    """The stream's trouble says nothing of the page: `make chaos` found such a page given up with attempts left."""
    model_server.rules(
        [
            {"match": {"contains": "Seite 1 von 2.", "times": 4}, "action": {"fault": "no_done"}},
            {"match": {"has_images": True}, "action": {"text": "Gelesen."}},
        ]
    )
    hand_in(environment, platform_url, [drawn_pdf(tmp_path / "two.pdf", 2)])
    with Worker(environment):
        until(lambda: all_completed(owner_url), "a completed submission", timeout=60)

    assert rows(owner_url, "SELECT text_body, internal_metadata FROM learning_submissions") == [
        ("Gelesen.\n\nGelesen.", {})
    ]
    assert rows(owner_url, "SELECT spent FROM learning_units WHERE step = 'read' ORDER BY page") == [(3,), (1,)]


def test_a_single_page_of_which_nothing_is_read_fails_with_the_reason(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.rules([{"match": {"has_images": True}, "action": {"text": "I cannot transcribe this image."}}])
    hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    with Worker({**environment, "WORKER_MAX_RETRIES": "2"}):
        until(lambda: statuses(owner_url) == ["failed"], "a failed submission")

    assert rows(owner_url, "SELECT error_code, reason FROM learning_submissions, learning_work") == [
        ("vision_failed", "answer_refused")
    ]
    assert vision_calls(model_server) == 2 + 2 + 2


def cut_off(path: Path) -> Path:
    """A photo whose end is missing: it can be opened, not read."""
    whole = a_photo(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def test_a_photo_that_is_cut_off_costs_itself_and_not_the_others(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.rules([{"match": {"has_images": True}, "action": {"text": "Gelesen."}}])
    photos = [a_photo(tmp_path / "1.png"), cut_off(tmp_path / "2.png"), a_photo(tmp_path / "3.png")]
    hand_in(environment, platform_url, photos)
    with Worker(environment) as worker:
        until(lambda: all_completed(owner_url), "a completed submission")
        worker.wait_for("attempt.failed")

    assert rows(owner_url, "SELECT text_body, internal_metadata FROM learning_submissions") == [
        ("Gelesen.\n\n[unleserlich]\n\nGelesen.", {"unreadable_pages": {"2": "truncated"}})
    ]
    assert rows(owner_url, "SELECT page, verdict FROM learning_attempts WHERE reason = 'truncated'") == [(2, "discard")]
    assert vision_calls(model_server) == 2


@pytest.mark.parametrize("photos", [1, 2])
def test_where_no_photo_can_be_read_the_submission_fails_with_the_reason(
    environment: dict[str, str],
    platform_url: str,
    owner_url: str,
    model_server: ScriptedServer,
    tmp_path: Path,
    photos: int,
) -> None:
    hand_in(environment, platform_url, [cut_off(tmp_path / f"{number}.png") for number in range(photos)])
    with Worker(environment):
        until(lambda: statuses(owner_url) == ["failed"], "a failed submission")

    assert rows(owner_url, "SELECT error_code, reason FROM learning_submissions, learning_work") == [
        ("input_corrupt", "truncated")
    ]
    assert model_server.requests() == []


def test_a_page_that_makes_the_model_crash_each_time_is_given_up_with_its_last_attempt(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.rules(
        [
            {"match": {"contains": "Seite 1 von 2."}, "action": {"fault": "error_mid_stream"}},
            {"match": {"contains": "Seite 2 von 2."}, "action": {"text": "Gelesen."}},
        ]
    )
    hand_in(environment, platform_url, [drawn_pdf(tmp_path / "two.pdf", 2)])
    with Worker({**environment, "WORKER_MAX_RETRIES": "1"}):
        until(lambda: all_completed(owner_url), "a completed submission")

    assert rows(owner_url, "SELECT text_body, internal_metadata FROM learning_submissions") == [
        ("[unleserlich]\n\nGelesen.", {"unreadable_pages": {"1": "runner_died"}})
    ]
    assert rows(owner_url, "SELECT spent, state FROM learning_units WHERE page = 1") == [(2, "failed")]


def test_a_second_question_is_asked_with_other_sampling(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer, tmp_path: Path
) -> None:
    model_server.rules([{"match": {"has_images": True, "nth": 1}, "action": {"text": ""}}])
    hand_in(environment, platform_url, [a_photo(tmp_path / "a.png")])
    with Worker(environment):
        until(lambda: all_completed(owner_url), "a completed submission")

    first, second = [call["options"] for call in model_server.requests() if call["has_images"]]
    assert first["temperature"] == 0
    assert second["temperature"] > first["temperature"]
    assert {**first, "temperature": None} == {**second, "temperature": None}
