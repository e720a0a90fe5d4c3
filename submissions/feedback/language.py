"""Is a text in the task's language? Decided by its little words, which no sentence does without.

Articles, pronouns, prepositions and auxiliaries make up a third to a half of prose, and the lists of two languages
that could be taken for each other share no word. That tells them apart within a dozen words. What a text quotes says
nothing about it: in a lesson of English, good German feedback is half English. So whatever stands in quotation marks,
emphasis or code is set aside, and so are words that stand side by side in the pupil's text or in the task.
A short or a mixed text is not decided: the answer is then "no".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path

import yaml

from submissions.feedback.folding import folded, words
from submissions.feedback.quoting import places_in, runs_of

_FILE = Path(__file__).parent / "little_words.yaml"
LITTLE_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(listed.split())
    for language, listed in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items()
}

#: A text is in another language if it has so many of its little words, this share of its words at least, and more than
#: so many times as many as of its own.
FEWEST_OTHER, LEAST_SHARE, TIMES_OWN = 2, 0.15, 2
#: Words from which on it is in none that we know if hardly any little word of its own is among them: no explanation is
#: so long, and a list of terms is not either.
FEWEST_NEITHER = 40
#: Letters from which on the script tells.
FEWEST_LETTERS = 20
#: So many words side by side in the pupil's text or the task are a quotation; fewer than so many between two marks of
#: punctuation are an example or a term.
QUOTED_RUN, SHORTEST_PROSE = 2, 5

_SET_APART = re.compile(
    r"""
      ```.*?(?:```|\Z)                                                 # code
    | ^[ ]*>[^\n]*                                                     # a quotation's line
    | [„“”"«»].{1,400}?[“”"«»]
    | (?<!\w)['‚‘’‹›`](?=\S)[^\n]{1,400}?(?<=\S)['‘’‹›`](?!\w)         # an apostrophe within a word ends nothing
    | (?<![\w*])(\*{1,3})(?=[^\s*])[^\n*]{1,400}?(?<=[^\s:])\1(?![\w*:])  # what has a colon is a heading
    | (?<!\w)(_{1,3})(?=[^\s_])[^\n_]{1,400}?(?<=[^\s:])\2(?![\w:])
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_PUNCTUATION = re.compile(r"[^\w\s'-]+")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


def is_other_language(text: str, language: str, known: Iterable[Sequence[str]] = ()) -> bool:
    """Whether the text is certainly not in `language` (de or en); `known`: the words of what it may quote."""
    plain = _SET_APART.sub(" ", text)
    plain = plain if words(plain) else text
    said = _parts(words(plain))
    own = _count(said, language)
    if _is_other_script(plain) or (len(said) >= FEWEST_NEITHER and own < len(said) * LEAST_SHARE):
        return True
    quotable = {run for each in known for run in runs_of(each, QUOTED_RUN)}
    prose = [word for said in _prose(plain, quotable) for word in said]
    other = max(_count(prose, each) for each in LITTLE_WORDS if each != language)
    return other >= max(FEWEST_OTHER, len(prose) * LEAST_SHARE) and other > TIMES_OWN * own


def _prose(text: str, quotable: Set[tuple[str, ...]]) -> Iterator[list[str]]:
    """The words between two marks of punctuation, without what is quoted, if more than a term or an example."""
    for line in text.splitlines():
        for said in map(words, _PUNCTUATION.split(folded(line).text)):
            quoted = places_in(said, quotable, QUOTED_RUN)
            rest = [word for place, word in enumerate(said) if place not in quoted]
            if len(rest) >= SHORTEST_PROSE:
                yield _parts(rest)


def _parts(said: Sequence[str]) -> list[str]:
    """The parts around apostrophes (it's, l'eau), but no numbers, and no single letters: "task a" is no English."""
    return [part for word in said for part in word.split("'") if len(part) > 1 and not part[0].isdigit()]


def _count(said: Sequence[str], language: str) -> int:
    return sum(word in LITTLE_WORDS[language] for word in said)


def _is_other_script(text: str) -> bool:
    letters = _LETTER.findall(text)
    return len(letters) >= FEWEST_LETTERS and sum(bool(_LATIN.match(each)) for each in letters) * 2 < len(letters)
