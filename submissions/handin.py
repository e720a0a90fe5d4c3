"""Handing in from Python and from the command line: files into the storage, then one SQL call.

The platform does the same with its own storage client and `SELECT learning_submit(…)` (docs/handing-in.md). Whatever
is refused leaves nothing behind: files that were put are taken away again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

from submissions.documents.media_type import MediaType, sniff
from submissions.errors import HandInRefused
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
    files: list[NewFile] = []
    kept: set[str] = set()
    try:
        for path, media_type, size in checked:
            files.append(_put(storage, path, media_type, size))
        submission_id = hand_in.submit(settings.database_url, replace(new, files=tuple(files)))
        # With a known idempotency key the submission has its files already.
        kept = set(hand_in.stored_keys(settings.database_url, submission_id, new.student_sub))
        return submission_id
    finally:
        for file in files:
            if file.storage_key not in kept:
                storage.delete(file.storage_key)


def _checked(path: Path, max_bytes: int) -> tuple[MediaType, int]:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(64)
    except OSError:
        raise HandInRefused(f"the file {str(path)!r} cannot be read") from None
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


def _put(storage: Storage, path: Path, media_type: MediaType, size: int) -> NewFile:
    content = path.read_bytes()
    key = f"submissions/{uuid4()}.{EXTENSIONS[media_type]}"
    storage.put(key, content)
    return NewFile(key, media_type, size, hashlib.sha256(content).hexdigest())
