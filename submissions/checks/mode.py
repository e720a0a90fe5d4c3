"""How thorough a check is, and how long it may wait."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Full: all, one after the other, as they come. Fast: all but the answers of the models, side by side.

    Start: what a worker must not start without (settings, prompts, database) decides; storage and model server are
    looked at, and only warned about, because work waits for them and nobody is failed.
    """

    FULL = "full"
    FAST = "fast"
    START = "start"


#: How long the checks that run side by side are waited for, in seconds. With Python's own start, fast stays below one.
PATIENCE = {Mode.FAST: 0.4, Mode.START: 3.0}
