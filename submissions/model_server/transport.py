"""httpx over a wire of ours; its own transport does not let the network backend be chosen."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpcore
import httpx

from submissions.model_server.wire import Wire


class Transport(httpx.BaseTransport):
    """One client's transport: one connection at most. Lets httpcore's exceptions and our faults through as they are."""

    def __init__(self, ssl_context: ssl.SSLContext, wire: Wire) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=ssl_context, max_connections=1, network_backend=wire)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
