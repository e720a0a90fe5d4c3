"""One connected socket under httpx.

What fails here becomes a fault here, where the phase is known: sending, waiting for the first byte, reading on.
httpcore passes time limits of its own; the exchange's deadlines replace them.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any

import httpcore

from submissions.model_server.cancellation import Cancellation
from submissions.model_server.deadlines import Deadlines
from submissions.model_server.faults import NOT_TAKEN, connection_lost, no_connection


class Stream(httpcore.NetworkStream):
    """Reads and writes; `close` also lets the cancellation go."""

    def __init__(self, sock: socket.socket, deadlines: Deadlines, cancellation: Cancellation) -> None:
        self._sock = sock
        self._deadlines = deadlines
        self._cancellation = cancellation

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._sock.settimeout(self._deadlines.to_receive())
            data = self._sock.recv(max_bytes)
        except OSError as problem:
            self._cancellation.check()
            if isinstance(problem, TimeoutError) and not problem.errno:
                raise self._deadlines.silence() from None
            raise connection_lost(self._deadlines.began) from None
        self._cancellation.check()
        if not data and not self._deadlines.began:
            raise connection_lost(began=False)
        self._deadlines.began = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        while rest:
            try:
                self._sock.settimeout(self._deadlines.to_send())
                rest = rest[self._sock.send(rest) :]
            except OSError as problem:
                self._cancellation.check()
                if isinstance(problem, TimeoutError) and not problem.errno:
                    raise NOT_TAKEN() from None
                # httpcore then reads what the server had to say before it stopped listening.
                raise httpcore.WriteError from None

    def close(self) -> None:
        self._cancellation.release()
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._sock.settimeout(self._deadlines.to_connect())
            sock = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except OSError as problem:
            self.close()
            self._cancellation.check()
            raise no_connection(problem) from None
        return Stream(sock, self._deadlines, self._cancellation)

    def get_extra_info(self, info: str) -> Any:
        return self._sock if info == "socket" else None
