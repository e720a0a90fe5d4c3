"""Who sent, started and ended which job when: fixed-size records, appended to one file per process.

A record is one `write` of 17 bytes to a file opened for appending, some microseconds, so measuring does not dominate.
Times are the machine's monotonic clock in nanoseconds, which all processes of one machine share.
Caveat: a process killed between the clock and the write leaves no record.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_RECORD = struct.Struct("<cqq")

#: Where to write: a folder that exists.
VARIABLE = "BENCH_JOURNAL"

_open_files: dict[int, int] = {}


class What(StrEnum):
    """What a record tells."""

    SENT = "q"
    STARTED = "s"
    ENDED = "e"


@dataclass(frozen=True, slots=True)
class Record:
    """`at` in seconds of the monotonic clock."""

    what: What
    key: int
    at: float
    pid: int


def note(what: What, key: int) -> None:
    """Append a record, from any thread of any process."""
    pid = os.getpid()
    file = _open_files.get(pid)
    if file is None:
        path = Path(os.environ[VARIABLE]) / str(pid)
        file = _open_files.setdefault(pid, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    os.write(file, _RECORD.pack(what.encode(), key, time.monotonic_ns()))


def read(folder: Path) -> list[Record]:
    """Every record so far, in the order of time."""
    return sorted((record for path in folder.iterdir() for record in _read_file(path)), key=lambda each: each.at)


def _read_file(path: Path) -> Iterator[Record]:
    data = path.read_bytes()
    whole = len(data) - len(data) % _RECORD.size
    for what, key, nanoseconds in _RECORD.iter_unpack(data[:whole]):
        yield Record(What(what.decode()), key, nanoseconds / 1e9, int(path.name))


def count(folder: Path) -> int:
    """How many records there are; cheap."""
    return sum(path.stat().st_size for path in folder.iterdir()) // _RECORD.size
