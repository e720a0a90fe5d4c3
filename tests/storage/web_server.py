"""An HTTPS server that keeps files below /files/ for whoever has its token, and remembers what it was asked."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

import trustme


class WebServer:
    """Use as a context manager. `files`: path of the URL, decoded → content."""

    token = "token-of-the-storage"

    def __init__(self, authority: trustme.CA, name: str = "localhost", *, open_to_all: bool = False) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.open_to_all = open_to_all
        server = self

        class Handler(_Handler):
            keeper = server

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        self.url = f"https://{name}:{self.port}/files"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def store(self, key: str, content: bytes) -> None:
        self.files[f"/files/{key}"] = content


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust the certificate hangs up; nothing is printed."""


class _Handler(BaseHTTPRequestHandler):
    keeper: WebServer

    def do_GET(self) -> None:
        self._answer(200 if self._path in self.keeper.files else 404, self.keeper.files.get(self._path, b""))

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self._allowed():
            self.keeper.files[self._path] = content
        self._answer(201)

    def do_DELETE(self) -> None:
        known = self._allowed() and self.keeper.files.pop(self._path, None) is not None
        self._answer(204 if known else 404)

    @property
    def _path(self) -> str:
        return unquote(self.path)

    def _allowed(self) -> bool:
        return self.keeper.open_to_all or self.headers["Authorization"] == f"Bearer {self.keeper.token}"

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.keeper.asked.append((self.path, dict(self.headers)))
        self.send_response(status if self._allowed() else 403)
        self.send_header("Content-Length", str(len(content) if self._allowed() else 0))
        self.end_headers()
        self.wfile.write(content if self._allowed() else b"")

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing is printed."""
