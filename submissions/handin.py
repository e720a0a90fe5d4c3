"""Handing in from Python and from the command line: files into the storage, then one SQL call.

The platform does the same with its own storage client and `SELECT learning_submit(…)` (docs/handing-in.md). Whatever
is refused leaves nothing behind: files that were put are taken away again. Where the database was lost, and nobody can
say whether it has the submission, they stay: a file too many is harmless, one too few is a pupil's work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

from submissions.documents.media_type import SNIFF_BYTES, MediaType, sniff
from submissions.errors import DatabaseUnready, Fault, HandInRefused, StoreRefused
from submissions.settings import Settings
from submissions.storage import Storage, open_storage
from submissions.store import hand_in
from submissions.store.hand_in import NewFile, NewSubmission

EXTENSIONS = {
    MediaType.JPEG: "jpg",
    MediaType.PNG: "png",
    MediaType.WEBP: "webp",
    MediaType.HEIC: "heic",
    MediaType.TIFF: "tiff",
    MediaType.PDF: "pdf",
}


def submit_files(settings: Settings, new: NewSubmission, paths: Sequence[Path]) -> UUID:
    """Put the files into the storage and hand them in, in this order, as one submission.

    Raises HandInRefused (a file is missing, empty, too large or of an unknown type), StorageAway, StoreAway.
    """
    checked = [(path, *_checked(path, settings.max_upload_bytes)) for path in paths]
    storage = open_storage(settings)
    files = _put_all(storage, checked)
    try:
        submission_id, kept = hand_in.submit_with_keys(settings.database_url, replace(new, files=files))
    except (HandInRefused, StoreRefused, DatabaseUnready):
        _take_back(storage, files)
        raise
    _take_back(storage, [file for file in files if file.storage_key not in kept])
    return submission_id


def _checked(path: Path, max_bytes: int) -> tuple[MediaType, int]:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(SNIFF_BYTES)
    except OSError:
        raise HandInRefused(f"the file {str(path)!r} cannot be read: is it there, and may it be read?") from None
    if size == 0:
        raise HandInRefused(f"the file {str(path)!r} is empty")
    if size > max_bytes:
        raise HandInRefused(f"the file {str(path)!r} has {size} bytes; the limit is {max_bytes}")
    media_type = sniff(head)
    if media_type is None:
        raise HandInRefused(
            f"the file {str(path)!r} is not a JPEG, PNG, WebP, HEIC, TIFF or PDF; hand text in with --text"
        )
    return media_type, size


def _put_all(storage: Storage, checked: Sequence[tuple[Path, MediaType, int]]) -> tuple[NewFile, ...]:
    """All of them, or none."""
    files: list[NewFile] = []
    try:
        for path, media_type, size in checked:
            files.append(_put(storage, path, media_type, size))
    except BaseException:
        _take_back(storage, files)
        raise
    return tuple(files)


def _take_back(storage: Storage, files: Sequence[NewFile]) -> None:
    for file in files:
        with suppress(Fault):  # a storage that is away keeps a file that nobody asks for
            storage.delete(file.storage_key)


def _put(storage: Storage, path: Path, media_type: MediaType, size: int) -> NewFile:
    content = path.read_bytes()
    key = f"submissions/{uuid4()}.{EXTENSIONS[media_type]}"
    storage.put(key, content)
    return NewFile(key, media_type, size, hashlib.sha256(content).hexdigest())
