"""Does a text address whoever grades it? Marks for the teacher; the pupil's score is not touched.

Sentence by sentence, by the signs of `injection_signs.yaml`. Before that, disguises are taken off: look-alike forms,
invisible characters, s p a c e d letters, digits for letters. Speech in quotation marks is somebody else's and is set
aside, unless it makes up most of the text.
Caveat: a determined writer gets past it (figures in docs/feedback.md); that is why the text is fenced and its tokens
are made harmless whether it is marked or not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from submissions.feedback.folding import folded
from submissions.feedback.injection_signs import signs

_SPEECH = re.compile(r"[„“\"«»‟”].{1,400}?[“”\"«»]", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-]){4,}\w(?!\w)")
_MIXED = re.compile(r"\b(?=\w*[a-zäöüß])(?=\w*\d)[\w@$]+\b")
_LETTERS = str.maketrans("013457@$", "oieastas")


def addresses_grader(text_md: str) -> bool:
    """Whether the text is to be marked."""
    return bool(signs_in(text_md))


def signs_in(text_md: str) -> list[str]:
    """What gives the text away; empty for an honest one."""
    forged = [name for name, pattern in signs().forged.items() if pattern.search(text_md)]
    sentences = [_features(sentence) for sentence in _SENTENCE_END.split(_without_speech(text_md))]
    said = [sign for sentence in sentences for sign in _holding(signs().rules, sentence)]
    together = _holding(signs().text_rules, frozenset().union(*sentences))
    return list(dict.fromkeys([*forged, *said, *together]))


def _features(sentence: str) -> frozenset[str]:
    plain = _undisguised(sentence).strip()
    return frozenset(name for name, pattern in signs().features.items() if pattern.search(plain))


def _holding(rules: Mapping[str, list[frozenset[str]]], about: frozenset[str]) -> list[str]:
    return [name for name, combinations in rules.items() if any(each <= about for each in combinations)]


def _without_speech(text: str) -> str:
    rest = _SPEECH.sub(" ", text)
    return rest if 2 * len(rest.split()) >= len(text.split()) else text


def _undisguised(sentence: str) -> str:
    # Two blanks part the words of spaced letters, so they are looked at before white space is evened out.
    joined = _SPACED.sub(lambda match: re.sub(r"[ .\-]", "", match.group()), sentence)
    return _MIXED.sub(lambda match: match.group().translate(_LETTERS), folded(joined).text)
