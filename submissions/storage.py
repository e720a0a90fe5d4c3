"""Where handed-in files are kept. Worker and submitter may be on different hosts: both go through this interface.

`open_storage(settings.storage_url)` gives the one that the URL names; today that is a local or mounted folder. Keys are
relative paths with forward slashes; a key that leads out of the storage is refused. No message holds a key.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from submissions.errors import FileMissing, SettingsRefused, StorageAway
from submissions.kinds import Kind

NOT_WRITABLE = Kind(
    "the folder cannot be written",
    StorageAway,
    "storage_away",
    "the storage folder cannot be written: check STORAGE_URL",
)
NOT_MOUNTED = Kind(
    "the folder is not there",
    StorageAway,
    "storage_away",
    "the storage folder is not there: check STORAGE_URL and mounts",
)
NOT_READABLE = Kind(
    "the folder cannot be read",
    StorageAway,
    "storage_away",
    "the storage folder cannot be read: check its rights",
)
TOO_LARGE = Kind(
    "more bytes than were handed in",
    FileMissing,
    "file_changed",
    "the stored file is larger than the one handed in",
)
CHANGED = Kind(
    "another size or hash",
    FileMissing,
    "file_changed",
    "the stored file is not the one that was handed in",
)
MISSING = Kind("no such file", FileMissing, "file_missing", "the storage does not hold the file")
BAD_KEY = Kind(
    "a key with .. or a link that leads out",
    FileMissing,
    "bad_key",
    "the file's key leads out of the storage",
)
KINDS = (NOT_WRITABLE, NOT_MOUNTED, NOT_READABLE, TOO_LARGE, CHANGED, MISSING, BAD_KEY)


class Storage(Protocol):
    """What a storage can do."""

    def put(self, key: str, content: bytes) -> None:
        """Store a file under a key, whole or not at all. Raises StorageAway."""

    def fetch(self, key: str, target: Path, limit_bytes: int) -> None:
        """Copy a file to `target`. Raises FileMissing (also when it is larger than the limit) or StorageAway."""

    def delete(self, key: str) -> None:
        """Remove a file; one that is not there is no error."""


def open_storage(url: str) -> Storage:
    """The storage that STORAGE_URL names."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderStorage(Path(unquote(parts.path)))
    raise SettingsRefused(f"STORAGE_URL: there is no storage of the kind {parts.scheme!r}")


class FolderStorage:
    """A folder on this host, or one that is mounted on every host."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, content: bytes) -> None:
        target = self._inside(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".part-", delete=False) as part:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
            Path(part.name).replace(target)
        except OSError:
            raise NOT_WRITABLE() from None

    def fetch(self, key: str, target: Path, limit_bytes: int) -> None:
        source = self._inside(key)
        if not self._root.is_dir():
            raise NOT_MOUNTED()
        try:
            if source.is_file() and source.stat().st_size > limit_bytes:
                raise TOO_LARGE()
            shutil.copyfile(source, target)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise MISSING() from None
        except OSError:
            raise NOT_READABLE() from None

    def delete(self, key: str) -> None:
        self._inside(key).unlink(missing_ok=True)

    def _inside(self, key: str) -> Path:
        """The path of a key, which must stay below the root whatever links and dots it holds."""
        root = self._root.resolve()
        path = (root / key).resolve()
        if not path.is_relative_to(root) or path == root:
            raise BAD_KEY()
        return path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
