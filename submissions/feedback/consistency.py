"""Does an answer, within a criterion, say itself that it speaks of something else?

Nobody asked for a name or a maximum there: the key says it all. Where a model writes them nevertheless and they are
others than the key's, its points belong somewhere else, or are of a hundred, and cannot be shown as they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from submissions.feedback.folding import folded
from submissions.task import Criterion

#: Keys under which models repeat a criterion's name, and its maximum.
NAMES = ("criterion", "name", "key")
MAXIMA = ("max_score", "max", "maximum")


def names_another(said: Mapping[str, Any], key: str, criterion: Criterion) -> bool:
    """Whether a name stands there that is not the criterion's: neither the teacher's, nor its key, nor its number."""
    own = {_plain(criterion.criterion), _plain(key), key.rpartition("_")[2]}
    names = (said[name] for name in NAMES if said.get(name) is not None)
    return any(not isinstance(name, str | int) or _plain(str(name)) not in own for name in names)


def counts_to_another(said: Mapping[str, Any], best: int) -> bool:
    """Whether a maximum stands there that is not `best`."""
    return any(said.get(name) not in (None, best, str(best)) for name in MAXIMA)


def _plain(name: str) -> str:
    return folded(name).text.strip()
