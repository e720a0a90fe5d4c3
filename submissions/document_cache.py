"""Each document is fetched from the storage once per host, not once per page.

The worker's threads and processes share a folder (setting WORKER_CACHE_DIR): a document lies there while its pages are
read, checked against the size and hash that were handed in. The first thread that needs it fetches it, the others wait
at a file lock, which ends with its holder. Feedback forgets it, and so does time where Feedback runs on another host.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from submissions.errors import StorageAway
from submissions.kinds import Kind
from submissions.storage import CHANGED, Storage, sha256_of
from submissions.store.work import StoredFile

#: A document that nobody asked for since then belongs to no submission that is being read. Seconds.
FORGOTTEN_AFTER = 6 * 3600

CACHE_AWAY = Kind(
    "the folder of local copies cannot be written",
    StorageAway,
    "cache_away",
    "documents cannot be copied to WORKER_CACHE_DIR: check its rights and the free space",
)


class DocumentCache:
    """The folder of documents that are being read."""

    def __init__(self, folder: str, storage: Storage) -> None:
        self._folder = Path(folder) if folder else Path(tempfile.gettempdir()) / f"learning-worker-{os.getuid()}"
        self._storage = storage

    def path_of(self, submission_id: UUID, file: StoredFile) -> Path:
        """The local copy of a submission's file. Raises FileMissing or StorageAway."""
        path = self._folder / f"{submission_id}-{file.position}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked(path):
                if path.exists():
                    os.utime(path)
                else:
                    self._fetch(file, path)
        except OSError:
            raise CACHE_AWAY() from None
        return path

    def forget(self, submission_id: UUID) -> None:
        """Remove the copies of a submission that is read, and what others left behind long ago."""
        for path in self._folder.glob("*"):
            try:
                if path.name.startswith(str(submission_id)) or path.stat().st_mtime < time.time() - FORGOTTEN_AFTER:
                    path.unlink()
            except FileNotFoundError:
                continue  # another thread was faster

    def _fetch(self, file: StoredFile, path: Path) -> None:
        part = path.with_suffix(".part")
        try:
            self._storage.fetch(file.storage_key, part, file.size_bytes)
            if part.stat().st_size != file.size_bytes or sha256_of(part) != file.sha256:
                raise CHANGED()
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
