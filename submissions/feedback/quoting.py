"""Runs of equal words: has the model copied what it should not?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from submissions.feedback.folding import words

#: So many words of the hints in a row are a quotation if they say something, and more are one whatever they say; hints
#: that are shorter, down to three words, count as a whole.
LEAK_RUN, LONG_LEAK_RUN, SHORTEST_LEAK = 5, 7, 3
#: A run says something if it holds so many words of so many letters, or numbers that the pupil does not know.
TELLING_WORDS, TELLING_LETTERS = 2, 5

#: So many of the pupil's words in a row are copied. An echo is an answer that gives back this share of a text of so
#: many words in such runs, or that consists of them to this share, if it has so many words itself.
ECHO_RUN = 8
TEXT_SHARE, SHORTEST_TEXT = 0.6, 30
ANSWER_SHARE, SHORTEST_ANSWER = 0.8, 10


def quotes_hints(answer: str, hints: str, known: Iterable[Sequence[str]]) -> bool:
    """Whether a run of words of the hints stands in the answer, and in none of the texts that the pupil knows."""
    hinted, answered, texts = words(hints), words(answer), list(known)
    told = {word for text in texts for word in text}
    runs = _new_runs(answered, hinted, texts, min(LEAK_RUN, len(hinted)))
    return any(_tells(run, told) for run in runs) or bool(_new_runs(answered, hinted, texts, LONG_LEAK_RUN))


def echoes(answer: str, written: Sequence[str]) -> bool:
    """Whether the answer gives back most of the pupil's words as they stand, or consists of little else."""
    answered = words(answer)
    returned, taken = _shared(written, answered), _shared(answered, written)
    return (len(written) >= SHORTEST_TEXT and len(returned) >= TEXT_SHARE * len(written)) or (
        len(answered) >= SHORTEST_ANSWER and len(taken) >= ANSWER_SHARE * len(answered)
    )


def runs_of(said: Sequence[str], length: int) -> list[tuple[str, ...]]:
    """All runs of so many words, in order."""
    return [tuple(said[start : start + length]) for start in range(len(said) - length + 1)]


def places_in(said: Sequence[str], runs: Set[tuple[str, ...]], length: int) -> set[int]:
    """The places of the words of `said` that belong to one of these runs of so many words."""
    starts = (start for start, run in enumerate(runs_of(said, length)) if run in runs)
    return {place for start in starts for place in range(start, start + length)}


def _shared(said: Sequence[str], other: Sequence[str]) -> set[int]:
    return places_in(said, set(runs_of(other, ECHO_RUN)), ECHO_RUN)


def _new_runs(
    answered: Sequence[str], hinted: Sequence[str], texts: Iterable[Sequence[str]], length: int
) -> set[tuple[str, ...]]:
    if length < SHORTEST_LEAK:
        return set()
    runs = set(runs_of(hinted, length)) & set(runs_of(answered, length))
    for text in texts if runs else ():
        runs -= set(runs_of(text, length))
    return runs


def _tells(run: tuple[str, ...], told: set[str]) -> bool:
    return sum(len(word) >= TELLING_LETTERS or _is_new_number(word, told) for word in run) >= TELLING_WORDS


def _is_new_number(word: str, told: set[str]) -> bool:
    return any(character.isdigit() for character in word) and word not in told
