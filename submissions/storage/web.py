"""A web server: files lie below STORAGE_URL, or at addresses of their own on hosts that are listed.

A key is a path below STORAGE_URL, or a whole https: URL, below it or on a host that is listed. Settings STORAGE_TOKEN,
STORAGE_ALLOWED_HOSTS. Files are written with PUT and removed with DELETE, where the server allows it; otherwise whoever
hands in puts them there. What is named by its whole URL is only read.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from submissions.errors import FileMissing
from submissions.storage import keys
from submissions.storage.exchange import Asking, Exchanges, host_port_of
from submissions.storage.faults import BAD_KEY, NOT_HANDED_OUT, REFUSED

#: Supabase's storage says "400" with "404" in its JSON where there is no such file.
_ALSO_MISSING = frozenset({400})


class WebStorage:
    """Its token is sent to its own host alone."""

    def __init__(self, url: str, token: str, exchanges: Exchanges) -> None:
        self._base = url.rstrip("/") + "/"
        self._own = host_port_of(url)
        self._exchanges = exchanges
        # Supabase's gateway wants the same secret under a name of its own.
        self._credentials = {"Authorization": f"Bearer {token}", "apikey": token} if token else {}

    def put(self, key: str, content: bytes) -> None:
        self._exchanges.send(self._asking("PUT", self._base + keys.as_path(key), content))

    def fetch(self, key: str, target: Path, limit_bytes: int) -> None:
        self._exchanges.download(self._asking("GET", self._url_of(key)), target, limit_bytes)

    def delete(self, key: str) -> None:
        asking = self._asking("DELETE", self._url_of(key))
        if _is_url(key):
            return  # whoever named it so keeps it
        try:
            self._exchanges.send(asking)
        except FileMissing:
            return  # it is gone already

    def _asking(self, method: str, url: str, content: bytes = b"") -> Asking:
        own = host_port_of(url) == self._own
        return Asking(
            method,
            url,
            headers=self._credentials if own else {},
            content=content,
            also_missing=frozenset() if method == "PUT" else _ALSO_MISSING,
            refused=REFUSED if own else NOT_HANDED_OUT,
        )

    def _url_of(self, key: str) -> str:
        if not _is_url(key):
            return self._base + keys.as_path(key)
        url = _checked_url(key)
        if host_port_of(url) != self._own:
            return url
        return self._base + keys.as_path(self._key_of(url))

    def _key_of(self, url: str) -> str:
        """The key of a file below STORAGE_URL that is named by its whole URL: our token goes nowhere else on its host.

        Raises FileMissing for any other URL of that host.
        """
        base, parts = urlsplit(self._base), urlsplit(url)
        name = parts.path.removeprefix(base.path)
        if parts.scheme != base.scheme or "?" in url or name == parts.path or "%2f" in name.lower():
            raise BAD_KEY()
        return unquote(name)


def _is_url(key: str) -> bool:
    return "://" in key


def _checked_url(url: str) -> str:
    """A key that is a whole URL. Raises FileMissing if it is not https, names a user, or its path has dots."""
    try:
        parts = urlsplit(url)
        host_port_of(url)
    except (ValueError, KeyError):
        raise BAD_KEY() from None
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or "#" in url or not url.isascii():
        raise BAD_KEY()
    keys.checked(unquote(parts.path).removeprefix("/"))
    if any(sign.isspace() or sign == "\\" or not sign.isprintable() for sign in url):
        raise BAD_KEY()
    return url
