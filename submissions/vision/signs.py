"""Telling a page from an answer that refuses to read it, or that talks about it instead.

A model talks from its first sentence to its last, of the picture, of what it cannot do, of what it is asked: several
kinds of such words meet in a sentence, and little else is said. Pupils use the same words, among others. So what
speaks for talk is weighed: what weighs enough is a suspicion, which costs another question; what weighs far more, and
has nothing of a pupil in it, is plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from submissions.kinds import Kind
from submissions.vision import problems
from submissions.vision.words import KINDS

#: Talk is no longer, in characters. Some of the words' patterns take time with the cube of it.
TALK_AT_MOST = 1500
#: So many sentences at its beginning are looked at.
_SENTENCES = 3
#: Of an echo, this share is the prompt's own lines, and so many letters: less of it is on a page by chance.
ECHO_SHARE, ECHO_LETTERS = 0.5, 60
_ECHO_LINE = 15  # characters; a shorter line may be anybody's

#: What tells a refusal from other talk.
REFUSING = frozenset({"apology", "law", "unable"})
#: Kinds of words that speak against talk.
AGAINST = frozenset({"said", "own", "past", "scene", "exercise", "dialogue"})
#: In plain talk there is nothing of these.
PUPILS = AGAINST | {"other sentences"}
#: It is plainly a model that talks where all of one of these are found.
PLAINLY = (
    frozenset({"apology", "request", "unable"}),
    frozenset({"apology", "reading", "this", "unable"}),
    frozenset({"assistant", "i", "unable"}),
    frozenset({"i", "unable", "copying", "this"}),
    frozenset({"handwritten page", "describing", "paper"}),
)
#: Kinds of words that say more in one sentence than in two.
TOGETHER = (
    ("unable", "request"),
    ("unable", "paper"),
    ("unable", "reading"),
    ("unable", "assistant"),
    ("unable", "apology"),
    ("copying", "rules"),
    ("copying", "promise"),
    ("copying", "law"),
    ("describing", "writing"),
    ("describing", "layout"),
    ("describing", "writer"),
    ("ink", "writing"),
    ("ink", "paper"),
    ("grading", "writing"),
    ("i", "unable"),
    ("i", "reading"),
    ("paper", "quality"),
    ("paper", "layout"),
    ("paper", "you"),
    ("service", "you"),
    ("paper", "writing"),
    ("paper", "service"),
)
#: How much each thing that is found speaks for talk: fitted by `tests/vision/weights.py`, which also tells how many
#: answers and pages lie on the wrong side of a threshold. What is not here speaks neither for nor against; the constant
#: of the fit, 0.6, is left out, so that thresholds are lower by as much here.
WEIGHTS: Mapping[str, float] = {
    "kinds in a sentence": 2.2,
    "writer": 1.5,
    "service": 1.4,
    "quality": 1.2,
    "copying and promise": 1.1,
    "rules": 1.1,
    "unable and request": 0.9,
    "handwritten page": 0.9,
    "describing and writer": 0.9,
    "grading": 0.9,
    "paper and you": 0.9,
    "unable and assistant": 0.8,
    "ink": 0.7,
    "copying": 0.7,
    "layout": 0.7,
    "words of writing": 0.7,
    "describing and writing": 0.6,
    "summing up": 0.6,
    "this": 0.6,
    "assistant": 0.4,
    "i and reading": 0.4,
    "unable and apology": 0.3,
    "law": 0.3,
    "describing and layout": 0.2,
    "copying and rules": 0.2,
    "unable and reading": 0.2,
    "paper": 0.1,
    "i and unable": 0.1,
    "i": 0.1,
    "service and you": 0.1,
    "unable and paper": 0.1,
    "describing": -0.1,
    "paper and writing": -0.1,
    "writing": -0.1,
    "share of talk": -0.2,
    "paper and service": -0.4,
    "paper and layout": -0.4,
    "request": -0.5,
    "you": -0.6,
    "ink and writing": -0.6,
    "promise": -0.6,
    "grading and writing": -0.6,
    "ink and paper": -0.6,
    "paper and quality": -0.7,
    "apology": -0.7,
    "copying and law": -0.8,
    "exercise": -0.8,
    "past": -0.9,
    "reading": -0.9,
    "dialogue": -1.5,
    "scene": -1.9,
    "said": -2.3,
    "own": -3.4,
    "other sentences": -3.7,
}
#: What weighs no less than this is suspected, and asked for again,
SUSPICIOUS = -1.6
#: of an answer with the first line that was asked for (`first_line`) what weighs no less than this.
SUSPICIOUS_ALTHOUGH_BEGUN = 1.0
#: What weighs no less than this, without anything of a pupil in it, is no page,
PLAIN = 3.5
#: of a model that mostly writes the first line, and did not, what weighs no less than this.
PLAIN_WITHOUT_FIRST_LINE = 1.5

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_SPEAKER = re.compile(r"^[A-ZÄÖÜ]\w+: ", re.MULTILINE)
_MARKUP = re.compile(r"[*_#>`\[\]]")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What an answer may be instead of a page. `plain`: it is no page, however often it is said."""

    problem: Kind
    plain: bool


def suspicion(text: str, prompt: Iterable[str], *, begun: bool = False, expected: bool = False) -> Suspicion | None:
    """Whether an answer may be no page.

    `prompt`: the texts that the model was given; `begun`: it has the first line; `expected`: the model mostly has it.
    """
    if not text or len(text) > TALK_AT_MOST:
        return None
    if echoes(text, prompt):
        return Suspicion(problems.ABOUT_THE_TASK, plain=not begun)
    found = evidence(text)
    weight = sum(WEIGHTS.get(name, 0.0) * much for name, much in found.items())
    enough = weight >= (SUSPICIOUS_ALTHOUGH_BEGUN if begun else SUSPICIOUS)
    plain = not begun and _is_plain(found, weight, PLAIN_WITHOUT_FIRST_LINE if expected else PLAIN)
    if not plain and not (enough and _speaks_for_talk(found)):
        return None
    refuses = "rules" not in found and not REFUSING.isdisjoint(found)
    return Suspicion(problems.REFUSED if refuses else problems.ABOUT_THE_TASK, plain)


def _is_plain(found: Mapping[str, float], weight: float, threshold: float) -> bool:
    return PUPILS.isdisjoint(found) and (weight >= threshold or any(kinds <= found.keys() for kinds in PLAINLY))


def _speaks_for_talk(found: Mapping[str, float]) -> bool:
    """Most short pages have no sign of anything, and so little weight against them."""
    return bool(found.get("share of talk")) or "writer" in found


def evidence(text: str) -> dict[str, float]:
    """How much there is of what WEIGHTS names, each 0 to 1; what is not there is left out."""
    plain = _MARKUP.sub(" ", text.lower().replace("’", "'"))
    sentences = [each.strip() for each in _SENTENCE.split(plain) if each.strip()]
    kinds = [frozenset(name for name, words in KINDS.items() if words.search(each)) for each in sentences]
    signs = [len(each - AGAINST) for each in kinds]
    first = kinds[:_SENTENCES]
    found = {name: 1.0 for each in first for name in each}
    found |= {f"{one} and {other}": 1.0 for one, other in TOGETHER if any({one, other} <= each for each in first)}
    found |= {
        "share of talk": sum(len(each) for each, many in zip(sentences, signs, strict=True) if many > 1) / len(plain),
        "other sentences": min(4, sum(many < 2 for many in signs)) / 4,
        "kinds in a sentence": min(6, max(signs[:_SENTENCES], default=0)) / 6,
        "words of writing": min(3, sum(len({*KINDS[name].findall(plain)}) for name in ("ink", "writing"))) / 3,
        "dialogue": float(len(_SPEAKER.findall(text)) > 1),
    }
    return {name: much for name, much in found.items() if much}


def echoes(text: str, prompt: Iterable[str]) -> bool:
    """Whether an answer repeats the prompt."""
    asked = _letters(" ".join(prompt))
    lines = [_letters(line) for line in text.splitlines() if len(line) >= _ECHO_LINE]
    echoed = sum(len(line) for line in lines if line in asked)
    return echoed >= ECHO_LETTERS and echoed > ECHO_SHARE * len(_letters(text))


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
