"""The storage: a worker has to fetch from it, so fetching is what is tried, and nothing is written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from submissions.checks.finding import Finding, fine, met
from submissions.errors import Fault, FileMissing
from submissions.settings import Settings
from submissions.storage import open_storage

#: Nobody hands in under this key.
NOT_THERE = "check/not-there"


def check_storage(settings: Settings) -> Iterator[Finding]:
    try:
        with tempfile.TemporaryDirectory() as folder:
            open_storage(settings).fetch(NOT_THERE, Path(folder) / "file", 1)
    except FileMissing:
        yield fine("storage", "it answers")
    except Fault as fault:
        yield met("storage", fault)
