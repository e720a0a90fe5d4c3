"""Fits the weights of `submissions/vision/signs.py` to what may be tuned on: `python -m tests.vision.weights`.

Logistic regression with a penalty on large weights, and the same on nine tenths, judged by the last one, for choosing
the thresholds. These are told as `signs` has them: without the constant of the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from submissions.vision import signs
from submissions.vision.signs import echoes, evidence
from tests.vision.corpora import known, prompts, tuned

PENALTY = 1.0
STEPS = 20
FOLDS = 10
THRESHOLDS = sorted(
    {
        *(half / 2 for half in range(-5, 9)),
        signs.SUSPICIOUS,
        signs.SUSPICIOUS_ALTHOUGH_BEGUN,
        signs.PLAIN,
        signs.PLAIN_WITHOUT_FIRST_LINE,
    }
)

#: What is found in a text, with the constant, and whether a model said it.
Example = tuple[dict[str, float], bool]


def examples() -> list[Example]:
    said = chain(*(corpus(name) for name in ("refusals", "about_the_task") for corpus in (known, tuned)))
    pages = chain(known("normal_pages"), tuned("normal_pages"))
    asked = prompts()
    weighed = [(found(text), True) for text in said if not echoes(text, asked)]
    return weighed + [(found(text), False) for text in pages]


def found(text: str) -> dict[str, float]:
    return {"": 1.0, **evidence(text)}


def weight_of(each: dict[str, float], weights: dict[str, float]) -> float:
    return sum(weights.get(name, 0.0) * much for name, much in each.items())


def fitted(given: Sequence[Example]) -> dict[str, float]:
    """Newton's method; the constant bears no penalty."""
    names = sorted({name for each, _ in given for name in each})
    much = np.array([[each.get(name, 0.0) for name in names] for each, _ in given])
    talk = np.array([float(is_talk) for _, is_talk in given])
    penalty = np.diag([PENALTY if name else 1e-6 for name in names])
    weights = np.zeros(len(names))
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-much @ weights))
        slope = much.T @ (likely - talk) + penalty @ weights
        weights -= np.linalg.solve((much.T * likely * (1 - likely)) @ much + penalty, slope)
    return dict(zip(names, weights.tolist(), strict=True))


def left_out(given: Sequence[Example]) -> list[tuple[float, bool]]:
    """What each example weighs by the weights of the others, without their constant."""
    weighed = []
    for fold in range(FOLDS):
        weights = fitted([each for number, each in enumerate(given) if number % FOLDS != fold]) | {"": 0.0}
        weighed += [(weight_of(each, weights), talk) for each, talk in given[fold::FOLDS]]
    return weighed


def main() -> None:
    given = examples()
    weights = fitted(given)
    print(f"constant: {weights.pop(''):.1f}")
    for name, weight in sorted(weights.items(), key=lambda each: -each[1]):
        if round(weight, 1):
            print(f'    "{name}": {weight:.1f},')
    weighed = left_out(given)
    for threshold in THRESHOLDS:
        missed = sum(weight < threshold for weight, talk in weighed if talk)
        suspected = sum(weight >= threshold for weight, talk in weighed if not talk)
        print(f"{threshold:5.1f}: {missed} of {sum(talk for _, talk in weighed)} missed, {suspected} pages suspected")


if __name__ == "__main__":
    main()
