"""A server that does with each connection what it is told: for what no well-meaning server does."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Self

Serve = Callable[[socket.socket, threading.Event], None]


class OddServer:
    """Reads the head of each request and then calls `serve(connection, closing)`. Use as a context manager."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests: list[bytes] = []

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._handle, args=(connection,)))
            self._threads[-1].start()

    def _handle(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the client may leave at any time
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65_536)
            self.requests.append(request)
            self._serve(connection, self._closing)


def says(*lines: str, body: bytes = b"") -> Serve:
    """Send a head (status line and headers) and a body, and hang up."""
    head = "\r\n".join(["HTTP/1.1 " + lines[0], "Connection: close", *lines[1:]])
    return lambda connection, _: connection.sendall(head.encode() + b"\r\n\r\n" + body)


def falls_silent(beginning: bytes = b"") -> Serve:
    """Send something, then nothing more, and stay."""

    def serve(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(beginning)
        closing.wait()

    return serve


def drips(beginning: bytes, drop: bytes = b"x") -> Serve:
    """Send something, and then a little again and again."""

    def serve(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(beginning)
        while not closing.wait(0.1):
            connection.sendall(drop)

    return serve


def never_ends(beginning: bytes) -> Serve:
    """Send bytes as fast as they are taken."""

    def pieces() -> Iterator[bytes]:
        yield beginning
        while True:
            yield bytes(65_536)

    def serve(connection: socket.socket, closing: threading.Event) -> None:
        for piece in pieces():
            if closing.is_set():
                return
            connection.sendall(piece)

    return serve


@contextlib.contextmanager
def deaf(port: int, address: str = "127.0.0.2") -> Iterator[str]:
    """An address of this host where connections are neither taken nor refused: others wait there already."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(socket.create_server((address, port), backlog=0))
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield address
