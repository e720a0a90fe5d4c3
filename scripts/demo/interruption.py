"""Ctrl-C, SIGTERM and a closed terminal end the demo, but never halfway through starting something.

What is interrupted while it starts cannot be stopped, because nobody holds it yet. So a signal that comes within
`held_back()` waits until its end, and once one has counted, or `ignored()` was called, cleaning up is left in peace.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked the demo to stop; `exit_code` is the shell's for that signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Interruption:
    """The signal handlers while the demo runs. Main thread only."""

    def __init__(self) -> None:
        self._waits = False
        self._came: int | None = None

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._take) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Start something, and enter its stop where it will be called, in here."""
        self._waits = True
        try:
            yield
        finally:
            self._waits = False
            if self._came is not None:
                raise Interrupted(self._came)

    def ignored(self) -> None:
        """From now on only cleaning up is left, which takes a few seconds."""
        self._waits = True

    def _take(self, number: int, _frame: FrameType | None) -> None:
        is_first = self._came is None
        self._came = self._came or number
        if is_first and not self._waits:
            raise Interrupted(number)
