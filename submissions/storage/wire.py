"""The connection of one exchange: to an address that may be spoken to, and no longer than until a deadline.

httpcore bounds each single read; a server that sends a byte now and then would be listened to for ever.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from typing import Any

import httpcore

from submissions.storage.faults import CERTIFICATE
from submissions.storage.hosts import Hosts

#: Longest wait for a name's addresses, for a connection and for the next bytes, in seconds (the incumbent's); the
#: deadline may come sooner.
PATIENCE = 10.0


class Wire(httpcore.NetworkBackend):
    """Connects for one exchange. The address that was checked is the one that is connected to."""

    def __init__(self, hosts: Hosts, deadline: float, *, encrypted: bool) -> None:
        """`deadline`: on the monotonic clock."""
        self._hosts = hosts
        self._deadline = deadline
        self._encrypted = encrypted

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Try each address of the host in turn."""
        problem: Exception = httpcore.ConnectError("the host has no address")
        for address in _addresses_of(host, port, time_left(self._deadline)):
            self._hosts.check_address(host, port, address, encrypted=self._encrypted)
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, timeout=time_left(self._deadline))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refusal:
                problem = refusal
            else:
                return _BoundedStream(stream, self._deadline)
        raise problem


class _BoundedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=time_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=time_left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, timeout=time_left(self._deadline))
        except httpcore.ConnectError as problem:
            if isinstance(problem.__cause__, ssl.SSLCertVerificationError):  # told here, for httpcore drops the cause
                raise CERTIFICATE() from None
            raise
        return _BoundedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def time_left(deadline: float) -> float:
    """Seconds that the next step may take. Raises httpcore's ReadTimeout when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return min(PATIENCE, left)


def _addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name. The system's resolver knows no deadline, so it is left to itself after that."""
    answers: SimpleQueue[list[str]] = SimpleQueue()
    threading.Thread(target=lambda: answers.put(_resolved(host, port)), name="resolver", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        raise httpcore.ConnectTimeout from None


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]
