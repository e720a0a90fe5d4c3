"""The corpora of texts, each split by seed: half to tune a detector on, half to measure it with."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "corpus"
SAMPLES = Path(__file__).parents[2] / "samples"
SEED = 6


def corpus(name: str, folder: Path = FOLDER) -> list[Any]:
    """The entries of a corpus, in the file's order."""
    entries: list[Any] = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return entries


def halves(name: str, folder: Path = FOLDER) -> tuple[list[Any], list[Any]]:
    """(tuned on, measured with). Pairs of neighbours are parted, so that entries may be added at the end."""
    entries, chance = corpus(name, folder), random.Random(SEED)
    tuned, measured = [], []
    for first, second in zip(entries[::2], entries[1::2], strict=True):
        pair = [first, second]
        chance.shuffle(pair)
        tuned.append(pair[0])
        measured.append(pair[1])
    return tuned, measured
