"""One task, one pupil's text, one whole answer: what the corpus of answers varies."""

from __future__ import annotations

import json
from typing import Any

from submissions.task import Criterion, TaskContext

TASK = TaskContext(
    instruction="Erkläre, warum es 1789 zur Französischen Revolution kam.",
    criteria=(Criterion("Inhalt"), Criterion("Form", 5), Criterion("Sprache")),
    hints="Erwartet werden etwa Staatsschulden, Steuerlast des Dritten Standes, Missernte und Brotpreis.",
    language="de",
)

TEXT = """# Die Revolution

Im Jahr 1789 begann in Frankreich die Revolution. Erstens war der Staat fast pleite, weil der König viel Geld für sein
Schloss ausgegeben hat. Zweitens musste nur der **Dritte Stand** richtig Steuern zahlen. Drittens war die Ernte schlecht
und das Brot wurde so teuer, das viele Familien hungern mussten."""

ANSWER: dict[str, Any] = {
    "criterion_1": {
        "explanation": "Drei Ursachen sind richtig genannt.",
        "evidence": "das Brot wurde so teuer",
        "score": 8,
    },
    "criterion_2": {"explanation": "Die Gliederung ist knapp.", "evidence": "Erstens war der Staat", "score": 3},
    "criterion_3": {"explanation": "Ein Fehler bei das und dass.", "evidence": "so teuer, das viele", "score": 6},
    "overall_score": 4,
    "feedback": "Du hast drei Ursachen genannt und sie gut geordnet. Erkläre noch genauer, was danach geschah.",
}


def answer_text(entry: dict[str, Any]) -> str:
    """What the model says in an entry of the corpus (its head says how to read one)."""
    said = {**ANSWER, **entry.get("with", {})}
    keys = entry.get("order") or [key for key in said if key not in entry.get("without", [])]
    text: str = entry.get("text", "{answer}")
    text = text.replace("{answer}", json.dumps({key: said[key] for key in keys}, ensure_ascii=False))
    text = text.replace('"{pupil}"', json.dumps(TEXT, ensure_ascii=False))
    text = text.replace("{many}", " ".join(f"Satz {number} ist gut." for number in range(entry.get("many", 0))))
    text = text.replace("{blanks}", "\u00a0" * entry.get("blanks", 0))
    text = text.replace("{digits}", "".join(map(str, range(1, entry.get("digits", 0)))))
    return text.replace("{loop}", "Gut gemacht, weiter so! " * 400)
