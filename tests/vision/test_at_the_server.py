"""The measured half, played by the scripted model server to the worker's own way of asking and judging."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

from modelserver.testing import ScriptedServer
from submissions.model_server import ModelServer
from submissions.prompts import Purpose, load_prompts
from submissions.settings import Settings
from submissions.vision.asking import heard, page_request
from submissions.vision.first_line import REMEMBERED, Habit
from submissions.vision.judging import Page
from submissions.vision.reading import read, temperatures
from tests.feedback.corpora import SEED
from tests.model_server.asking import PNG
from tests.model_server.repetitive import MEASURED, PAGES, UNITS, drawn
from tests.vision.corpora import measured

NORMAL = [*measured("normal_pages"), *(page for _, page in drawn(PAGES, MEASURED))]
EMPTY = ["", " \n", "```\n```", "<think>Hm.</think>", "[leer]", "(empty)"]
BROKEN_OFF = "Die Pflanze braucht Licht und"


def texts(said: Iterable[str]) -> list[dict[str, Any]]:
    return [{"text": text} for text in said]


def loop(unit: str) -> dict[str, Any]:
    """Tokens of some length: of single signs the limit of a page's tokens ends the most."""
    return {"fault": {"name": "repeat", "text": unit * (1 + 60 // len(unit)), "ending": "never"}}


#: What the server says, of each kind. Some pages come first: a model's habit shows in them.
SAID: dict[str, list[dict[str, Any]]] = {
    "normal": texts(NORMAL),
    "fence": texts(f"```markdown\n{page}\n```" for page in measured("normal_pages")),
    "refusal": texts(measured("refusals")),
    "talk": texts(measured("about_the_task")),
    "around": texts(
        "\n\n".join(filter(None, (before, "Das Herz pumpt Blut.", after))) for before, after in measured("talk_around")
    ),
    "empty": texts(EMPTY),
    "cut": [{"text": BROKEN_OFF, "done_reason": "length"}],
    "loop": [loop(unit) for _, unit in drawn(UNITS, MEASURED)],
}


def as_asked() -> dict[str, list[dict[str, Any]]]:
    """The same of a model that begins pages as the prompts ask it to."""
    begun = {kind: texts(f"[Abschrift]\n{said['text']}" for said in SAID[kind]) for kind in ("normal", "fence")}
    return SAID | begun


def played(script: ScriptedServer, of_kinds: dict[str, list[dict[str, Any]]]) -> dict[str, list[Page]]:
    """What is made of each answer that is said to every question about its page; some pages first, then all mixed."""
    actions = [(kind, action) for kind, said in of_kinds.items() for action in said]
    order = list(enumerate(actions, 1))
    order[REMEMBERED:] = random.Random(SEED).sample(order[REMEMBERED:], len(order) - REMEMBERED)
    rules = [
        {"match": {"contains": f"Seite {page} von {len(actions)}."}, "action": action}
        for page, (_, action) in enumerate(actions, 1)
    ]
    script.rules(rules)
    server, settings = ModelServer(Settings(ollama_base_url=script.url)), Settings(vision_model="scripted-vision")
    prompt, habit = load_prompts("").of("de", Purpose.VISION), Habit()
    found: dict[int, Page] = {}
    for page, _ in order:
        said = prompt.filled(page=str(page), page_count=str(len(actions)))

        def ask(temperature: float, said: Any = said) -> Any:
            return heard(server.ask, page_request(settings, said, PNG, temperature))

        found[page] = read(ask, said, temperatures(0.0, 1), lambda reason: None, habit)
    return {kind: [found[page] for page, (of, _) in enumerate(actions, 1) if of == kind] for kind in of_kinds}


def reasons(pages: Iterable[Page]) -> Counter[str]:
    return Counter(page.problem.reason if page.problem else "" for page in pages)


def noticed(pages: Iterable[Page]) -> int:
    return sum(page.problem is not None for page in pages)


def is_judged_well_in_all_else(found: dict[str, list[Page]]) -> None:
    """What does not depend on the words of an answer, and that no page is lost."""
    assert reasons(found["empty"]) == {"answer_empty": 4, "answer_says_empty": 2}
    assert reasons(found["cut"]) == {"answer_cut": 1}
    assert reasons(found["loop"]) == {"repetition": len(SAID["loop"])}
    assert sum(page.text == "Das Herz pumpt Blut." for page in found["around"]) == 10
    assert [page.text for page in found["fence"]] == [page.strip() for page in measured("normal_pages")]
    assert [page.text for page in found["normal"]] == [page.strip() for page in NORMAL]
    assert all(page.whole for page in [*found["fence"], *found["normal"]])


def test_the_measured_half_of_a_model_that_begins_pages_as_asked(script: ScriptedServer) -> None:
    found = played(script, as_asked())
    assert noticed([*found["normal"], *found["fence"]]) == 0
    assert (noticed(found["refusal"]), noticed(found["talk"])) == (60, 60)
    assert sum(page.text == "" for page in found["refusal"]) == 36
    is_judged_well_in_all_else(found)


def test_the_measured_half_of_a_model_that_never_does(script: ScriptedServer) -> None:
    found = played(script, SAID)
    assert noticed(found["normal"]) == 2
    assert (noticed(found["refusal"]), noticed(found["talk"])) == (59, 50)
    is_judged_well_in_all_else(found)
