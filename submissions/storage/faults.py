"""What can be wrong with a storage, or with a file in it.

Nothing that a storage does is a document's doing: one that does not answer is waited for, one that was set up wrongly
is waited for loudly. Only a file that the storage does not have, or has changed, counts as an attempt.
"""

from __future__ import annotations

from submissions.errors import FileMissing, StorageAway, StorageUnfit
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
UNREACHABLE = Kind(
    "no connection, or one that was cut off",
    StorageAway,
    "storage_away",
    "the storage cannot be reached: is it started, and STORAGE_URL right?",
)
SLOW = Kind(
    "no whole answer in time",
    StorageAway,
    "storage_slow",
    "the storage took longer than STORAGE_SECONDS",
)
BUSY = Kind(
    "HTTP status 408, 425, 429 or from 500 on",
    StorageAway,
    "storage_away",
    "the storage answers with status {status}: see its log",
)
CERTIFICATE = Kind(
    "TLS with a certificate that nobody vouches for",
    StorageUnfit,
    "storage_certificate",
    "the certificate of the storage is not trusted here: install its authority on this machine, or correct the host in"
    " STORAGE_URL",
)
NOT_ENCRYPTED = Kind(
    "http: to a public address",
    StorageUnfit,
    "storage_not_encrypted",
    "the storage is reached over http at a public address: write https: in STORAGE_URL or STORAGE_S3_ENDPOINT",
)
REDIRECTS = Kind(
    "HTTP status from 300 to 399",
    StorageUnfit,
    "storage_redirects",
    "the storage redirects, which is not followed: name the place itself in STORAGE_URL, endpoint or region",
)
REFUSED = Kind(
    "HTTP status 401 or 403 from the storage's own host",
    StorageUnfit,
    "storage_refused",
    "the storage refuses our credentials: check STORAGE_S3_* or STORAGE_TOKEN, their rights, and this machine's clock",
)
NO_BUCKET = Kind(
    "HTTP status 404, for the bucket",
    StorageUnfit,
    "storage_bucket_missing",
    "the storage has no such bucket: check STORAGE_URL",
)
ODD_ANSWER = Kind(
    "any other HTTP status",
    StorageUnfit,
    "storage_odd_answer",
    "the storage answers with status {status}: are STORAGE_URL, endpoint and region right, and may it be written to?",
)
UNTRUSTED_HOST = Kind(
    "a key that is the address of another host",
    FileMissing,
    "untrusted_host",
    "the file lies on a host that is not listed: add its host:port to STORAGE_ALLOWED_HOSTS, or store it elsewhere",
)
PRIVATE_ADDRESS = Kind(
    "a listed host whose name leads to a private address",
    FileMissing,
    "untrusted_host",
    "the file lies on a listed host whose name leads to a private address: list that address itself, if it is meant",
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
NOT_HANDED_OUT = Kind(
    "HTTP status 401 or 403 from a listed host",
    FileMissing,
    "file_refused",
    "the listed host does not hand the file out: if the signature in its address has run out, hand it in with another",
)
MISSING = Kind("no such file", FileMissing, "file_missing", "the storage does not hold the file")
BAD_KEY = Kind(
    "a key with .. or a link that leads out",
    FileMissing,
    "bad_key",
    "the file's key leads out of the storage",
)
KINDS = (
    NOT_WRITABLE,
    NOT_MOUNTED,
    NOT_READABLE,
    UNREACHABLE,
    SLOW,
    BUSY,
    CERTIFICATE,
    NOT_ENCRYPTED,
    REDIRECTS,
    REFUSED,
    NO_BUCKET,
    ODD_ANSWER,
    UNTRUSTED_HOST,
    PRIVATE_ADDRESS,
    TOO_LARGE,
    CHANGED,
    NOT_HANDED_OUT,
    MISSING,
    BAD_KEY,
)
