"""What ends the demo."""

from __future__ import annotations

from pathlib import Path


class DemoFailed(Exception):
    """The demo cannot go on. The message is one line that says what to do; the end of `log` is shown with it."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log
