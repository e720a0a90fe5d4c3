"""A folder on this host, or one that is mounted on every host."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from submissions.storage import keys
from submissions.storage.faults import BAD_KEY, MISSING, NOT_MOUNTED, NOT_READABLE, NOT_WRITABLE, TOO_LARGE


class FolderStorage:
    """Keys are paths below the folder."""

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
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, shutil.SpecialFileError):
            raise MISSING() from None
        except OSError:
            raise NOT_READABLE() from None

    def delete(self, key: str) -> None:
        try:
            self._inside(key).unlink(missing_ok=True)
        except OSError:
            raise NOT_WRITABLE() from None

    def _inside(self, key: str) -> Path:
        """The path of a key, which must stay below the root whatever links it meets."""
        root = self._root.resolve()
        path = (root / keys.checked(key)).resolve()
        if not path.is_relative_to(root) or path == root:
            raise BAD_KEY()
        return path
