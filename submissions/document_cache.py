"""Each document is fetched from the storage once per host, not once per page.

The worker's threads and processes share a folder (setting WORKER_CACHE_DIR): a document lies there while its pages are
read, checked against the size and hash that were handed in, by each process once. The first thread that needs it
fetches it, the others wait at a file lock, which ends with its holder. A copy is removed when Feedback begins, or an
attempt of this host ends the submission; what ended elsewhere, or was left by a process that died, goes by age, with
the upkeep of any worker process of this host. The folder is its user's own, so that nobody else reads or plants copies.
"""

from __future__ import annotations

import fcntl
import math
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from submissions.errors import StorageAway, StorageUnfit
from submissions.kinds import Kind
from submissions.storage import CHANGED, Storage, sha256_of
from submissions.store.work import StoredFile

#: A copy that nobody on this host asked for since then is read elsewhere, or no more. Seconds.
FORGOTTEN_AFTER = 3600

CACHE_AWAY = Kind(
    "the folder of local copies cannot be written",
    StorageAway,
    "cache_away",
    "documents cannot be copied to WORKER_CACHE_DIR: check its rights and the free space",
)
CACHE_UNSAFE = Kind(
    "the folder of local copies is open to others",
    StorageUnfit,
    "cache_unsafe",
    "documents are not copied to a folder that others may use: let WORKER_CACHE_DIR (if empty, learning-worker-UID in"
    " the temporary directory) be a folder, no link, of the worker's user with mode 700, or not exist yet",
)
COPY_GONE = Kind(
    "a local copy was removed before it was opened",
    StorageAway,
    "copy_gone",
    "the local copy of the document was removed meanwhile; it is fetched again",
)
KINDS = (CACHE_AWAY, CACHE_UNSAFE, COPY_GONE)

#: The names of copies, and of what stands beside each: nothing else in the folder is touched.
_OURS = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9]+)(?:\.part|\.lock)?")


class DocumentCache:
    """The folder of documents that are being read."""

    def __init__(self, folder: str, storage: Storage) -> None:
        self._folder = Path(folder) if folder else Path(tempfile.gettempdir()) / f"learning-worker-{os.getuid()}"
        self._storage = storage
        self._checked: set[str] = set()

    @contextmanager
    def lent(self, submission_id: UUID, file: StoredFile) -> Iterator[Path]:
        """The local copy of a submission's file, to be opened in the block. Raises FileMissing, StorageAway or
        StorageUnfit."""
        path = self.path_of(submission_id, file)
        try:
            yield path
        except FileNotFoundError:
            if path.exists():
                raise
            raise COPY_GONE() from None

    def path_of(self, submission_id: UUID, file: StoredFile) -> Path:
        """Where the local copy lies; somebody may end the submission and remove it. Raises as `lent`."""
        path = self._folder / f"{submission_id}-{file.position}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._is_our_own():
                raise CACHE_UNSAFE()
            with _locked(path):
                self._provide(file, path)
        except OSError:
            raise CACHE_AWAY() from None
        return path

    def forget(self, submission_id: UUID) -> None:
        """Remove the copies of a submission that is read, or ended. One that is being fetched is left to `sweep`."""
        self._remove((path for path in self._copies() if path.name.startswith(f"{submission_id}-")), math.inf)

    def sweep(self) -> None:
        """Remove what nobody asked for in a long time."""
        copies = self._copies()
        self._checked.intersection_update(path.name for path in copies)
        self._remove(copies, time.time() - FORGOTTEN_AFTER)

    def _is_our_own(self) -> bool:
        found = self._folder.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077

    def _provide(self, file: StoredFile, path: Path) -> None:
        """See to it that there is a whole copy: another process's may be what a power failure left of it."""
        if path.name not in self._checked or not path.exists():
            if not _is_copy(path, file):
                self._fetch(file, path)
            self._checked.add(path.name)
        os.utime(path)

    def _fetch(self, file: StoredFile, path: Path) -> None:
        part = path.with_suffix(".part")
        try:
            self._storage.fetch(file.storage_key, part, file.size_bytes)
            if not _is_copy(part, file):
                raise CHANGED()
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def _copies(self) -> set[Path]:
        """All copies, also those of which there is but a part or a lock."""
        try:
            if not self._is_our_own():
                return set()
            return {self._folder / found[1] for each in self._folder.iterdir() if (found := _OURS.fullmatch(each.name))}
        except OSError:
            return set()

    def _remove(self, copies: Iterable[Path], unused_since: float) -> None:
        for path in copies:
            # Trouble with one (somebody is fetching it, a folder has its name) is none for the others or the caller.
            with suppress(OSError), _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB) as lock:
                if (path if path.exists() else lock).stat().st_mtime < unused_since:
                    for each in (path, path.with_suffix(".part"), lock):
                        each.unlink(missing_ok=True)


def _is_copy(path: Path, file: StoredFile) -> bool:
    return path.exists() and path.stat().st_size == file.size_bytes and sha256_of(path) == file.sha256


@contextmanager
def _locked(path: Path, operation: int = fcntl.LOCK_EX) -> Iterator[Path]:
    """Hold the lock of a copy. Raises OSError, also where somebody else holds it and `operation` does not wait."""
    name = path.with_suffix(".lock")
    lock = _lock(name, operation)
    while lock is None:
        lock = _lock(name, operation)
    try:
        yield name
    finally:
        os.close(lock)


def _lock(name: Path, operation: int) -> int | None:
    """Open and lock; None if whoever held the lock has removed it meanwhile."""
    lock = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, operation)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), name.lstat()):
                return lock
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None
