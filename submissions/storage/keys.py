"""Keys: the names of files in a storage. They come from outside, and are not believed to lead where they should."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote, unquote

from submissions.storage.faults import BAD_KEY

_BYTES_AT_MOST = 1024  # of an S3 key
_NO_NAMES = frozenset({"", ".", ".."})
_NO_SIGNS = frozenset({"Cc", "Cs"})  # control characters, and halves of characters


def checked(key: str) -> str:
    """The key, if it is a relative path of plain names with forward slashes. Raises FileMissing.

    Names that a server might take for dots once it has decoded them are refused as well.
    """
    decoded = unquote(key)
    names = {*key.split("/"), *decoded.split("/")}
    strange = any(sign == "\\" or unicodedata.category(sign) in _NO_SIGNS for sign in decoded)
    if strange or len(key.encode()) > _BYTES_AT_MOST or names & _NO_NAMES:
        raise BAD_KEY()
    return key


def as_path(key: str) -> str:
    """A checked key as the path of a URL, without a slash before it. Signing and sending need the same one."""
    return quote(checked(key), safe="/-_.~")
