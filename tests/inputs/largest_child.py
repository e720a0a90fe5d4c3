"""How large the largest child gets that opens a document of a folder: `python -m tests.inputs.largest_child FOLDER`.

A process of its own, because a child that is started counts what its parent had in memory as its own (getrusage(2)):
pytest's would hide it. Settings as the environment has them; prints bytes.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from pathlib import Path

from submissions import opening
from submissions.errors import Fault
from submissions.settings import load


def largest_child(folder: Path) -> int:
    """Open every document of the folder, and its first page, as a worker does."""
    settings = load()
    for path in sorted(folder.iterdir()):
        with suppress(Fault):
            opening.count_pages(settings, path)
            opening.load_page(settings, path, 0)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


if __name__ == "__main__":
    print(largest_child(Path(sys.argv[1])))
