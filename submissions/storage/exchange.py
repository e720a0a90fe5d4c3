"""One request over HTTP: bounded in time and bytes. Redirects are not followed, proxies and cookies not known.

It speaks through httpcore, not through a client on top of it: those log the URLs that they ask for, and a key may be
part of one.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpcore

from submissions.kinds import Kind
from submissions.storage.answers import fault_of
from submissions.storage.faults import REFUSED, SLOW, TOO_LARGE, UNREACHABLE
from submissions.storage.hosts import Hosts
from submissions.storage.wire import Wire

#: Of an answer that is no file this much is read, in bytes.
_ERROR_BYTES = 4096
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Asking:
    """One request. `url` is percent-encoded; `also_missing`: further statuses that say that there is no file.

    `refused`: what 401 and 403 say.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes = b""
    also_missing: frozenset[int] = frozenset()
    refused: Kind = REFUSED


class Exchanges:
    """Requests to the hosts of one storage, each on a connection of its own; for any number of threads."""

    def __init__(self, hosts: Hosts, seconds: float) -> None:
        """`seconds`: for one request, from the connection to the last byte."""
        self._hosts = hosts
        self._seconds = seconds
        self._ssl_context = ssl.create_default_context()

    def download(self, asking: Asking, target: Path, limit_bytes: int) -> None:
        """Write what is answered to a file. Raises FileMissing (also above the limit), StorageAway, StorageUnfit."""
        with self._answer(asking) as answer, target.open("wb") as file:
            room = limit_bytes
            for piece in answer.iter_stream():
                room -= len(piece)
                if room < 0:
                    raise TOO_LARGE()
                file.write(piece)

    def send(self, asking: Asking) -> None:
        """Ask, and care only whether it went well. Raises FileMissing, StorageAway, StorageUnfit."""
        with self._answer(asking):
            pass

    @contextmanager
    def _answer(self, asking: Asking) -> Iterator[httpcore.Response]:
        """The answer to a request that went well, still to be read."""
        encrypted = asking.url.startswith("https:")
        host, port = host_port_of(asking.url)
        self._hosts.check_host(host, port, encrypted=encrypted)
        wire = Wire(self._hosts, time.monotonic() + self._seconds, encrypted=encrypted)
        headers = [("Accept-Encoding", "identity"), *asking.headers.items()]
        with (
            _failures_told(),
            httpcore.ConnectionPool(self._ssl_context, network_backend=wire) as pool,
            pool.stream(asking.method, asking.url, headers=headers, content=asking.content) as answer,
        ):
            body = _beginning_of(answer)
            if fault := fault_of(answer.status, body, also_missing=asking.also_missing, refused=asking.refused):
                raise fault
            yield answer


def host_port_of(url: str) -> tuple[str, int]:
    """Host, in lower case, and port of an http or https URL. ValueError if it has none that could be."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _beginning_of(answer: httpcore.Response) -> bytes:
    """Of an answer that is no file."""
    beginning = b""
    if answer.status >= 400:
        for piece in answer.iter_stream():
            beginning += piece
            if len(beginning) >= _ERROR_BYTES:
                break
    return beginning


@contextmanager
def _failures_told() -> Iterator[None]:
    """Turn what the network does into the fault that it means. A foreign exception may quote what was sent."""
    try:
        yield
    except httpcore.TimeoutException:
        raise SLOW() from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise UNREACHABLE() from None
