"""A folder on this host, or one that is mounted on every host."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from submissions.errors import FileMissing
from submissions.kinds import Kind
from submissions.storage import keys
from submissions.storage.faults import BAD_KEY, MISSING, NOT_MOUNTED, NOT_READABLE, NOT_WRITABLE, TOO_LARGE

_PIECE = 1 << 20  # bytes that are copied at once

#: What the system says where no file of that name can be: nothing, or a folder, or a file in the place of a folder.
_NO_FILE = frozenset({errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG})


class FolderStorage:
    """Keys are paths below the folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, content: bytes) -> None:
        target = self._inside(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".part-", delete=False) as part:
                try:
                    part.write(content)
                    part.flush()
                    os.fsync(part.fileno())
                    Path(part.name).replace(target)
                except BaseException:
                    Path(part.name).unlink(missing_ok=True)
                    raise
        except OSError:
            raise NOT_WRITABLE() from None

    def fetch(self, key: str, target: Path, limit_bytes: int) -> None:
        with target.open("wb") as copy:
            for piece in self._pieces(key, limit_bytes):
                copy.write(piece)

    def delete(self, key: str) -> None:
        path = self._below_mounted(key)
        with suppress(FileMissing), _told(NOT_WRITABLE):
            path.unlink()

    def _pieces(self, key: str, limit_bytes: int) -> Iterator[bytes]:
        """What a file holds, and of any file no more than is allowed."""
        source, room = self._below_mounted(key), limit_bytes
        with _told(NOT_READABLE):
            if not source.is_file():
                raise MISSING()
            with source.open("rb") as file:
                while piece := file.read(_PIECE):
                    room -= len(piece)
                    if room < 0:
                        raise TOO_LARGE()
                    yield piece

    def _below_mounted(self, key: str) -> Path:
        """The path of a key. A share that is not mounted holds nothing, which says nothing about the file."""
        path = self._inside(key)
        if not self._root.is_dir():
            raise NOT_MOUNTED()
        return path

    def _inside(self, key: str) -> Path:
        """The path of a key, which must stay below the root whatever links it meets."""
        root = self._root.resolve()
        try:
            path = (root / keys.checked(key)).resolve()
        except RuntimeError:  # links in a circle
            raise BAD_KEY() from None
        if not path.is_relative_to(root) or path == root:
            raise BAD_KEY()
        return path


@contextmanager
def _told(otherwise: Kind) -> Iterator[None]:
    """Turn what the system says into the fault that it means."""
    try:
        yield
    except OSError as problem:
        raise (MISSING if problem.errno in _NO_FILE else otherwise)() from None
