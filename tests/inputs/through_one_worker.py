"""Opens every file of a folder as a worker does, in two threads, and tells how each ended and what it took.

    python -m tests.inputs.through_one_worker FOLDER

Prints one JSON object. Memory in bytes: `grown`, by which this process' largest size exceeds that before the first
file; `child`, the largest size of any process that it started.
"""

import json
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from submissions import opening
from submissions.errors import Fault
from submissions.settings import load

#: Tighter than the defaults, so that what exceeds them does it soon.
SETTINGS = load({"LEARNING_OPENER_MEMORY_MIB": "384", "LEARNING_OPENER_CPU_SECONDS": "4"})


def main(folder: Path) -> None:
    files = sorted(folder.iterdir())
    Path("/proc/self/clear_refs").write_text("5")  # the largest size is counted from now on (proc(5))
    before = _own_bytes("VmRSS")
    with ThreadPoolExecutor(2) as threads:
        ends = list(threads.map(_end_of, files))
    told = {
        "ends": {file.name: end for file, end in zip(files, ends, strict=True)},
        "grown": _own_bytes("VmHWM") - before,
        "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
    }
    print(json.dumps(told))


def _end_of(file: Path) -> list[str | None]:
    """[reason, error code, class of fault], or [] for a document whose pages could all be had."""
    try:
        for index in range(opening.count_pages(SETTINGS, file)):
            opening.load_page(SETTINGS, file, index)
    except Fault as fault:
        return [fault.reason, fault.error_code, type(fault).__name__]
    return []


def _own_bytes(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (value,) = (line.split()[1] for line in lines if line.startswith(field + ":"))
    return int(value) * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
