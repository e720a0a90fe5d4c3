"""Texts as pupils write them, put together from a seed: no two pages are the same."""

from __future__ import annotations

import random

HEADINGS = ("Die Gletscher", "Mein Praktikum", "Der Wasserkreislauf", "Unser Versuch", "Die Römer", "My holidays")
SENTENCES = (
    "Pflanzen stellen ihre Nahrung selber her, und zwar in den grünen Blättern.",
    "Das Wasser steigt durch die Wurzeln und den Stängel nach oben.",
    "Im Jahr {year} war der Gletscher noch {number} Meter länger als heute.",
    "Ich finde, dass man öfter mit dem Fahrrad zur Schule fahren sollte.",
    "Zuerst haben wir {number} ml Wasser in das Glas gegossen.",
    "Danach wurde es langsam wärmer, bis das Eis ganz geschmolzen war.",
    "Die Römer bauten Straßen, Brücken und große Bäder mit Heizung.",
    "Außerdem gab es {number} Soldaten, die jeden Tag üben mussten.",
    "Mein Großvater erzählt oft, wie es früher auf dem Bauernhof war.",
    "Er musste schon um fünf Uhr aufstehen und die Kühe melken.",
    "Das Ergebnis war anders, als wir es vorher vermutet hatten.",
    "Wenn Wasser verdunstet, steigt der Dampf auf und bildet Wolken.",
    "Am {day}. Mai {year} haben wir den Versuch noch einmal gemacht.",
    "We went to the beach every day and swam in the cold sea.",
    "My brother lost his shoes, so we had to look for them for an hour.",
    "Zum Schluss möchte ich sagen, dass mir die Arbeit viel Spaß gemacht hat.",
    "Der Autor will damit zeigen, wie wichtig Freundschaft sein kann.",
    "Trotzdem blieb der Junge ruhig und hörte genau zu.",
    "Auf dem Weg nach Hause regnete es so stark, dass wir ganz nass wurden.",
    "Die Lösung lautet x = {number}, weil beide Seiten durch 3 geteilt werden.",
)


def page_text(chance: random.Random, sentences: int = 12) -> str:
    """A page: a heading and three paragraphs, in the little Markdown of `scripts.sample_page`."""
    chosen = [
        each.format(year=chance.randint(1850, 2025), number=chance.randint(12, 980), day=chance.randint(1, 28))
        for each in chance.sample(SENTENCES, sentences)
    ]
    third = sentences // 3
    paragraphs = [" ".join(chosen[start : start + third]) for start in range(0, sentences, third)]
    return "\n\n".join([f"# {chance.choice(HEADINGS)}", *paragraphs])
