"""A server that puts any bytes on the wire: for what a well-meaning HTTP server cannot be made to send."""

import contextlib
import json
import socket
import ssl
import threading
from typing import Any, Self

SHOWN: dict[str, Any] = {"capabilities": ["completion"], "model_info": {}}


class RawServer:
    """Answers /api/show with `shown` and everything else with `answer`; one thread per connection.

    Without `reads_bodies` it answers as soon as it has seen the head of such a request and hangs up; if it `stays` it
    falls silent after its answer instead.
    """

    def __init__(
        self,
        answer: bytes = b"",
        *,
        shown: dict[str, Any] = SHOWN,
        reads_bodies: bool = True,
        tls: ssl.SSLContext | None = None,
        stays: bool = False,
    ) -> None:
        self._answer, self._shown, self._reads_bodies, self._tls = answer, shown, reads_bodies, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._hang_up = threading.Event()
        if not stays:
            self._hang_up.set()
        self.requests: list[bytes] = []
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://localhost:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up.set()
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
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        with plain, contextlib.suppress(OSError):  # the client may leave at any time
            connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            with connection:
                request = _read_request(connection, with_body=self._reads_bodies)
                self.requests.append(request)
                self._respond(connection, request)

    def _respond(self, connection: socket.socket, request: bytes) -> None:
        if _is_show(request):
            connection.sendall(http(json.dumps(self._shown).encode()))
        else:
            connection.sendall(self._answer)
            self._hang_up.wait()


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole response; the end of the connection is the end of its body unless a header says otherwise."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ndjson(*objects: Any) -> bytes:
    return http(b"".join(json.dumps(each).encode() + b"\n" for each in objects))


def piece(text: str = "", **fields: Any) -> dict[str, Any]:
    return {"model": "scripted-text", "message": {"role": "assistant", "content": text}, "done": False, **fields}


def _is_show(request: bytes) -> bool:
    return request.startswith(b"POST /api/show ")


def _read_request(connection: socket.socket, *, with_body: bool) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        request += _received(connection)
    head, _, body = request.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line), 0)
    while (with_body or _is_show(head)) and len(body) < length:
        body += _received(connection)
    return head + b"\r\n\r\n" + body


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise ConnectionError("the client left")
    return data
