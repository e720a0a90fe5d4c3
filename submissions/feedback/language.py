"""Is a text in the task's language? Decided by its little words, which no sentence does without.

Articles, pronouns, prepositions and auxiliaries make up a third to a half of German and English prose, and the two
lists share no word. That tells the two apart within a dozen words, and shows that a text is in neither, which is all
that is asked. A short or a mixed text is not decided: the answer is then "no".
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from submissions.feedback.folding import words

_FILE = Path(__file__).parent / "little_words.yaml"
LITTLE_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(listed.split())
    for language, listed in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items()
}

#: Words from which on a text can be told to be in the other language, and in neither.
FEWEST_OTHER, FEWEST_NEITHER = 10, 20
#: Below this share of its little words a text is not in a language.
LEAST_SHARE = 0.08

_QUOTED = re.compile(r"[„“”\"«»‚‘`].{1,400}?[“”\"«»‘’`]", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


def is_other_language(text: str, language: str) -> bool:
    """Whether the text, quotations aside, is certainly not in `language` (de or en)."""
    plain = _QUOTED.sub(" ", text)
    if _is_other_script(plain):
        return True
    said = words(plain)
    own = sum(word in LITTLE_WORDS[language] for word in said)
    other = max(sum(word in LITTLE_WORDS[each] for word in said) for each in LITTLE_WORDS if each != language)
    if len(said) >= FEWEST_OTHER and other >= len(said) * LEAST_SHARE and other > 2 * own:
        return True
    return len(said) >= FEWEST_NEITHER and own < len(said) * LEAST_SHARE


def _is_other_script(text: str) -> bool:
    letters = _LETTER.findall(text)
    return len(letters) >= FEWEST_NEITHER and sum(bool(_LATIN.match(each)) for each in letters) * 2 < len(letters)
