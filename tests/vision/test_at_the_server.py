"""The measured half, played by the scripted model server to the worker's own way of asking and judging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from modelserver.testing import ScriptedServer
from submissions.model_server import ModelServer
from submissions.prompts import Purpose, load_prompts
from submissions.settings import Settings
from submissions.vision.asking import heard, page_request
from submissions.vision.judging import Page
from submissions.vision.reading import read, temperatures
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


#: What the server says, of each kind.
SAID: dict[str, list[dict[str, Any]]] = {
    "refusal": texts(measured("refusals")),
    "talk": texts(measured("about_the_task")),
    "around": texts(
        "\n\n".join(filter(None, (before, "Das Herz pumpt Blut.", after))) for before, after in measured("talk_around")
    ),
    "fence": texts(f"```markdown\n{page}\n```" for page in measured("normal_pages")),
    "empty": texts(EMPTY),
    "cut": [{"text": BROKEN_OFF, "done_reason": "length"}],
    "loop": [loop(unit) for _, unit in drawn(UNITS, MEASURED)],
    "normal": texts(NORMAL),
}


def played(script: ScriptedServer) -> dict[str, list[Page]]:
    """What is made of each answer that is said to every question about its page."""
    actions = [(kind, action) for kind, said in SAID.items() for action in said]
    rules = [
        {"match": {"contains": f"Seite {page} von {len(actions)}."}, "action": action}
        for page, (_, action) in enumerate(actions, 1)
    ]
    script.rules(rules)
    server, settings = ModelServer(Settings(ollama_base_url=script.url)), Settings(vision_model="scripted-vision")
    prompt = load_prompts("").of("de", Purpose.VISION)
    found: dict[str, list[Page]] = {kind: [] for kind in SAID}
    for page, (kind, _) in enumerate(actions, 1):
        said = prompt.filled(page=str(page), page_count=str(len(actions)))

        def ask(temperature: float, said: Any = said) -> Any:
            return heard(server.ask, page_request(settings, said, PNG, temperature))

        found[kind].append(read(ask, said, temperatures(0.0, 1), lambda reason: None))
    return found


def reasons(pages: Iterable[Page]) -> Counter[str]:
    return Counter(page.problem.reason if page.problem else "" for page in pages)


def test_the_measured_half_at_the_model_server(script: ScriptedServer) -> None:
    found = played(script)
    noticed = {kind: sum(page.problem is not None for page in pages) for kind, pages in found.items()}
    assert (noticed["refusal"], noticed["talk"]) == (27, 28)
    assert reasons(found["empty"]) == {"answer_empty": 4, "answer_says_empty": 2}
    assert reasons(found["cut"]) == {"answer_cut": 1}
    assert reasons(found["loop"]) == {"repetition": len(SAID["loop"])}
    assert sum(page.text == "Das Herz pumpt Blut." for page in found["around"]) == 9
    assert [page.text for page in found["fence"]] == [page.strip() for page in measured("normal_pages")]
    assert [page.text for page in found["normal"]] == [page.strip() for page in NORMAL]
    assert all(page.whole for page in [*found["fence"], *found["normal"]])
