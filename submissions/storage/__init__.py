"""Where handed-in files are kept. Worker and submitter may be on different hosts: both go through one interface.

    open      open_storage(settings): the storage that STORAGE_URL names
    folder    a folder on this host, or one that is mounted on every host  (file:)
    s3        a bucket of an S3-compatible service                         (s3:)
    web       a web server                                                 (https:, http: within the school)
    keys      the names of files in a storage, and which of them lead astray
    exchange  one request over HTTP: bounded in time and bytes, no redirects, nothing of the environment
    wire      the connection below it: whose addresses may be spoken to, and until when
    hosts     which hosts are trusted
    answers   what an HTTP status says about a storage
    faults    what can be wrong with a storage, or with a file in it

Whoever fetches a file compares its size and SHA-256 with what was handed in (`document_cache`), whatever the storage.
No message, log line or exception holds a key or a credential. docs/storage.md is for operators.
"""

from __future__ import annotations

from submissions.storage.base import Storage, sha256_of
from submissions.storage.faults import CHANGED, KINDS
from submissions.storage.folder import FolderStorage
from submissions.storage.open import open_storage

__all__ = ["CHANGED", "KINDS", "FolderStorage", "Storage", "open_storage", "sha256_of"]
