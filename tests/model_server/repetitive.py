"""Loops, and pages on which people really repeat themselves, drawn from seeds.

Bounds may be tuned on what `TUNED` draws; figures come from what `MEASURED` draws.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping

TUNED = range(10)
MEASURED = range(1000, 1010)

WORDS = re.findall(
    r"\w+",
    "der die das und ein Hund Katze Wald Haus Mutter Schule läuft schreibt sieht trinkt Wasser Brot Sonne Regen Winter"
    " schnell leise immer heute morgen kleine große alte the and a dog house tree river teacher writes runs finds cold"
    " bright always never quickly because under over with from they children mountain sea letter bread",
)
SYLLABLES = re.findall(r"\w+", "ma mo mi la lo li ta ti to ba be su si ne na ru re ki ka")
SIGNS = "…·.-_=~*+|•—"

Draw = Callable[[random.Random], str]


def words(chance: random.Random, low: int, high: int) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(low, high)))


def sentence(chance: random.Random) -> str:
    return words(chance, 4, 12).capitalize() + chance.choice(".!?")


def paragraph(chance: random.Random) -> str:
    text = ""
    while len(text) < chance.randint(210, 500):
        text += sentence(chance) + " "
    return text.strip() + "\n"


def _block(chance: random.Random) -> str:
    text = ""
    for _ in range(chance.randint(2, 4)):
        text += paragraph(chance)[:390].rstrip() + "\n\n"
    return text


#: What a looping model says over and over.
UNITS: Mapping[str, Draw] = {
    "letter": lambda chance: chance.choice("abehmnosuzO0"),
    "syllable": lambda chance: chance.choice(SYLLABLES),
    "word": lambda chance: chance.choice(WORDS) + chance.choice([" ", ", ", "\n", "-"]),
    "phrase": lambda chance: words(chance, 2, 4) + chance.choice([" ", ", ", "; "]),
    "sign": lambda chance: chance.choice(SIGNS) * chance.randint(1, 3),
    "line": lambda chance: sentence(chance) + "\n",
    "lines in turn": lambda chance: "".join(sentence(chance) + "\n" for _ in range(chance.randint(2, 4))),
    "paragraph": paragraph,
    "block": _block,
    "empty row": lambda chance: "|" + f"{' ' * chance.randint(1, 9)}|" * chance.randint(2, 6) + "\n",
    "row": lambda chance: "|" + "|".join(f" {words(chance, 1, 2)} " for _ in range(chance.randint(2, 5))) + "|\n",
    "white space": lambda chance: chance.choice([" ", "\n", " \n", "\t", "\u00a0", "\n\n"]),
    "markup": lambda chance: chance.choice(["<br>", "&nbsp;", "\\quad ", "<td></td>", "\\n", "**", "$$ "]),
    "bullet": lambda chance: f"{chance.choice('-*•')} {words(chance, 1, 5)}\n",
    "number": lambda chance: str(chance.randint(0, 9999)) + chance.choice(["", " ", ", "]),
}


def _leaders(chance: random.Random) -> str:
    width, page = chance.randint(20, 120), 1
    text = ""
    for number in range(1, chance.randint(12, 38)):
        text += f"{number} {words(chance, 1, 4)} {'.' * (width - number % 7)} {page}\n"
        page += chance.randint(1, 9)
    return text


def _writing_lines(chance: random.Random) -> str:
    return (chance.choice("_.-") * chance.randint(40, 90) + "\n" * chance.randint(1, 2)) * chance.randint(5, 40)


def _gaps(chance: random.Random) -> str:
    return "".join(f"{n}. {words(chance, 1, 4)} {'_' * chance.randint(10, 40)}\n" for n in range(1, 25))


def _empty_table(chance: random.Random) -> str:
    columns = chance.randint(2, 6)
    head = "| " + " | ".join(chance.choices(WORDS, k=columns)) + " |\n" + "|---" * columns + "|\n"
    return head + ("|" + (" " * chance.randint(1, 14) + "|") * columns + "\n") * chance.randint(5, 35)


def _table_of_marks(chance: random.Random) -> str:
    mark = chance.choice(["gut", "x", "ja", "+", "3", "fehlt"])
    return "| Name | |\n|---|---|\n" + "".join(f"| S{n} | {mark} |\n" for n in range(chance.randint(20, 60)))


def _padded_table(chance: random.Random) -> str:
    width = chance.randint(80, 300)
    rows = (
        f"| {words(chance, 1, 2):{width}} | {words(chance, 1, 3):{width}} |\n" for _ in range(chance.randint(5, 14))
    )
    return "".join(rows)


def _poem(chance: random.Random) -> str:
    refrain = "".join(words(chance, 3, 7) + ",\n" for _ in range(chance.randint(1, 4)))
    verses = ("".join(words(chance, 3, 7) + ",\n" for _ in range(4)) for _ in range(chance.randint(3, 9)))
    return "\n".join(verse + refrain * chance.randint(1, 3) for verse in verses)


def _song(chance: random.Random) -> str:
    return "".join(f"{chance.choice(['la ', 'na ', 'hey ', 'tra la ']) * chance.randint(6, 20)}\n" for _ in range(25))


def _multiplication(chance: random.Random) -> str:
    sign, equals = chance.choice(["·", "x", "*", "×", "mal"]), chance.choice([" = ", "="])
    rows = range(1, chance.randint(6, 13))
    tables = chance.sample(range(2, 20), chance.randint(1, 8))
    return "".join(f"{a} {sign} {b}{equals}{a * b}\n" for b in tables for a in rows)


def _grid(chance: random.Random) -> str:
    size = chance.randint(6, 12)
    return "".join("| " + " | ".join(str(a * b) for b in range(1, size)) + " |\n" for a in range(1, size))


def _sums_that_are_equal(chance: random.Random) -> str:
    result = chance.randint(1, 12)
    return "".join(f"{result * n} : {n} = {result}\n" for n in range(1, 40))


def _punishment(chance: random.Random) -> str:
    line = sentence(chance) + "\n"
    return line * min(45, 2600 // len(line))


def _numbered_punishment(chance: random.Random) -> str:
    line = sentence(chance)
    return "".join(f"{n}. {line}\n" for n in range(1, 46))


def _writing_practice(chance: random.Random) -> str:
    unit = chance.choice([*SYLLABLES, *WORDS[:20], "A a ", "l", "oO"])
    return (f"{unit} " * (60 // (len(unit) + 1)) + "\n") * chance.randint(8, 35)


def _practice_of_several(chance: random.Random) -> str:
    return "".join(f"{unit} " * 14 + "\n" for unit in chance.choices(SYLLABLES, k=chance.randint(8, 25)))


def _copied(chance: random.Random) -> str:
    return paragraph(chance) * chance.randint(2, 4)


def _long_number(chance: random.Random) -> str:
    return f"1/{chance.randint(7, 97)} = 0," + str(chance.randint(10**5, 10**6)) * chance.randint(20, 150)


def _grid_of_signs(chance: random.Random) -> str:
    row = "".join(chance.choices("xo.# ", k=chance.randint(8, 40))) + "\n"
    return (row + row[::-1].strip() + "\n") * chance.randint(4, 18)


def _tally(chance: random.Random) -> str:
    return "".join(f"{chance.choice(WORDS)}: {'|||| ' * chance.randint(1, 40)}\n" for _ in range(12))


def _rhythm(chance: random.Random) -> str:
    bar = " ".join(chance.choices(["ta", "titi", "sch", "ta-a"], k=4)) + " | "
    return (bar * 4 + "\n") * chance.randint(4, 16)


def _ciphers(chance: random.Random) -> str:
    return "".join(chance.choices(["01", "10", "ACGT", "TTAG"], k=chance.randint(200, 700)))


def _conjugation(chance: random.Random) -> str:
    verbs = (chance.choice(WORDS) for _ in range(12))
    return "\n".join("".join(f"{who} {verb}\n" for who in ("ich", "du", "er", "wir", "ihr", "sie")) for verb in verbs)


def _prose(chance: random.Random) -> str:
    return "".join(paragraph(chance) for _ in range(chance.randint(4, 30)))


#: Pages of at most about 3000 characters of one thing: more does not fit on paper.
PAGES: Mapping[str, Draw] = {
    "dot leaders": _leaders,
    "writing lines": _writing_lines,
    "gaps to fill in": _gaps,
    "empty table": _empty_table,
    "table of equal marks": _table_of_marks,
    "padded table": _padded_table,
    "poem with a refrain": _poem,
    "song": _song,
    "multiplication table": _multiplication,
    "multiplication grid": _grid,
    "sums with one result": _sums_that_are_equal,
    "one sentence over and over": _punishment,
    "one sentence over and over, numbered": _numbered_punishment,
    "writing practice": _writing_practice,
    "practice of several syllables": _practice_of_several,
    "a paragraph copied some times": _copied,
    "a long number": _long_number,
    "a grid of signs": _grid_of_signs,
    "tally marks": _tally,
    "rhythm": _rhythm,
    "ciphers": _ciphers,
    "conjugation": _conjugation,
    "long prose": _prose,
}


def drawn(kinds: Mapping[str, Draw], seeds: range) -> Iterator[tuple[str, str]]:
    """(kind and seed, text) of each kind with each seed."""
    for kind, draw in kinds.items():
        for seed in seeds:
            yield f"{kind} {seed}", draw(random.Random(f"{kind} {seed}"))
