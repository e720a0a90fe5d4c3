"""Connecting for one exchange: bounded by its deadlines, known to its call's cancellation from the first packet on.

One exchange has one connection, so shutting its socket down ends this call and no other.
"""

from __future__ import annotations

import errno
import os
import select
import socket
from collections.abc import Iterable
from typing import Any

import httpcore

from submissions.model_server.cancellation import Cancellation
from submissions.model_server.deadlines import Deadlines
from submissions.model_server.faults import no_connection
from submissions.model_server.stream import Stream

#: A host that lost its power sends no FIN: it is noticed after about 20 + 4 * 5 seconds instead of as a silent model.
KEEPALIVE = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 4}


class Wire(httpcore.NetworkBackend):
    """Connects for one call. httpcore passes time limits of its own; ours replace them."""

    def __init__(self, deadlines: Deadlines, cancellation: Cancellation) -> None:
        self._deadlines = deadlines
        self._cancellation = cancellation

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Try each address of the host in turn, like socket.create_connection, but cancellable."""
        self._cancellation.check()
        problem: OSError | UnicodeError = OSError("the host has no address")
        try:
            for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                try:
                    return self._stream(self._connected(socket.socket(family, kind, protocol), address))
                except OSError as refusal:
                    problem = refusal
        except (OSError, UnicodeError) as unknown_host:
            problem = unknown_host
        raise no_connection(problem) from None

    def _stream(self, sock: socket.socket) -> Stream:
        return Stream(sock, self._deadlines, self._cancellation)

    def _connected(self, sock: socket.socket, address: Any) -> socket.socket:
        try:
            self._connect(sock, address)
        except BaseException:
            self._cancellation.release()
            sock.close()
            raise
        return sock

    def _connect(self, sock: socket.socket, address: Any) -> None:
        for name, value in KEEPALIVE.items():
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        code = sock.connect_ex(address)
        # Held only now: a socket that has not begun to connect would forget that it was shut down.
        self._cancellation.hold(sock)
        if code == errno.EINPROGRESS:
            code = self._outcome(sock)
            self._cancellation.check()
        if code:
            raise OSError(code, os.strerror(code))

    def _outcome(self, sock: socket.socket) -> int:
        """Wait for the connection; 0 or the errno."""
        waiting = select.poll()
        waiting.register(sock, select.POLLOUT)
        if not waiting.poll(self._deadlines.to_connect() * 1000):
            return errno.ETIMEDOUT
        return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
