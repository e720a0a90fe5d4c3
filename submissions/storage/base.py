"""What every storage can do, and how its files are told apart from others."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol


class Storage(Protocol):
    """All methods raise StorageAway (it does not answer), StorageUnfit (the operator has to mend something) and, for
    a key that leads out of the storage, FileMissing."""

    def put(self, key: str, content: bytes) -> None:
        """Store a file under a key, whole or not at all."""

    def fetch(self, key: str, target: Path, limit_bytes: int) -> None:
        """Copy a file to `target`. Raises FileMissing also when it is larger than the limit."""

    def delete(self, key: str) -> None:
        """Remove a file; one that is not there is no error."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
