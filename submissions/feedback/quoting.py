"""Runs of equal words: has the model copied what it should not?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from submissions.feedback.folding import words

#: So many words of the hints in a row are a quotation; hints that are shorter, down to three words, count as a whole.
LEAK_RUN, SHORTEST_LEAK = 5, 3
#: A run says something if it holds two words of so many letters.
TELLING_LETTERS, TELLING_WORDS = 5, 2

#: An echo: this share of the pupil's words comes back in runs of so many; texts below so many words are not looked at.
ECHO_SHARE, ECHO_RUN, SHORTEST_ECHO = 0.6, 8, 30


def quotes_hints(answer: str, hints: str, known: Iterable[str]) -> bool:
    """Whether a run of words of the hints stands in the answer and in none of the texts that the pupil knows."""
    hinted = words(hints)
    length = min(LEAK_RUN, len(hinted))
    if length < SHORTEST_LEAK:
        return False
    runs = set(_runs(hinted, length)) & set(_runs(words(answer), length))
    for text in known if runs else ():
        runs -= set(_runs(words(text), length))
    return any(_tells(run) for run in runs)


def echoes(answer: str, written: Sequence[str]) -> bool:
    """Whether the answer gives back most of the pupil's words as they stand."""
    if len(written) < SHORTEST_ECHO:
        return False
    answered = set(_runs(words(answer), ECHO_RUN))
    repeated: set[int] = set()
    for start, run in enumerate(_runs(written, ECHO_RUN)):
        if run in answered:
            repeated.update(range(start, start + ECHO_RUN))
    return len(repeated) >= ECHO_SHARE * len(written)


def _runs(said: Sequence[str], length: int) -> Iterable[tuple[str, ...]]:
    return (tuple(said[start : start + length]) for start in range(len(said) - length + 1))


def _tells(run: tuple[str, ...]) -> bool:
    return sum(len(word) >= TELLING_LETTERS for word in run) >= TELLING_WORDS
