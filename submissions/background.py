"""What the worker's own background threads do with trouble: they go on, and tell about what nobody foresaw.

What is away needs no word here: the queue and the attempts tell about it, and the next round asks again.
"""

from __future__ import annotations

from collections.abc import Callable

from submissions.errors import DatabaseUnready, StorageAway, StoreAway
from submissions.events import emit, place_of
from submissions.notices import tell_unready


def quietly(where: str, act: Callable[[], object]) -> None:
    """Do one round of background work. Never raises."""
    try:
        act()
    except (StoreAway, StorageAway):
        return
    except DatabaseUnready as problem:
        tell_unready(problem)
    except Exception as problem:  # noqa: BLE001 - the thread must go on
        emit("unexpected", where=where, error=type(problem).__name__, place=place_of(problem))
