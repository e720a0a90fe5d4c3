"""One HTTP exchange with the model server, through the official client's httpx client.

That client is used directly because `chat()` lacks `truncate` and `shift`, because its reader splits lines at
characters that may stand unescaped in JSON strings (U+0085), and because it breaks on error lines that hold nested
JSON (reference §9). Proxies, OLLAMA_HOST and OLLAMA_API_KEY of the environment have no influence; redirects are not
followed.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import httpcore
import httpx
import ollama

from submissions.errors import SettingsRefused
from submissions.model_server.cancellation import Cancellation
from submissions.model_server.classify import classify
from submissions.model_server.deadlines import Deadlines
from submissions.model_server.faults import NOT_OLLAMA, connection_lost
from submissions.model_server.transport import Transport
from submissions.model_server.wire import Wire

#: Of an error's body this much is read, in bytes.
ERROR_BYTES = 65_536


class Exchange:
    """How this process reaches the model server. Thread-safe: each exchange has a client and a connection of its own.

    Raises SettingsRefused if `base_url` is no address.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        # The system's authorities, not certifi's: schools have their own.
        self._ssl_context = ssl.create_default_context()
        try:
            self._client(httpx.BaseTransport()).close()
        except (ValueError, httpx.InvalidURL):
            raise SettingsRefused(f"OLLAMA_BASE_URL={base_url!r} is no address: write http://host:11434") from None

    @contextlib.contextmanager
    def open(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        deadlines: Deadlines,
        cancellation: Cancellation,
    ) -> Iterator[httpx.Response]:
        """The response, status 200, its body still to be read; everything else is raised as a fault."""
        model = str(body.get("model", "")) if body else ""
        with self._client(Transport(self._ssl_context, Wire(deadlines, cancellation))) as client:
            response = _sent(client, client.build_request(method, path, json=body))
            try:
                if response.status_code != httpx.codes.OK:
                    raise classify(response.status_code, _beginning(response), model)
                yield response
            except (httpcore.ProtocolError, httpx.DecodingError):
                raise connection_lost(began=True) from None
            finally:
                response.close()

    def _client(self, transport: httpx.BaseTransport) -> httpx.Client:
        client: httpx.Client = ollama.Client(
            host=self._base_url,
            transport=transport,
            timeout=None,  # the wire keeps the deadlines
            trust_env=False,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity"},
        )._client
        client.headers.pop("Authorization", None)
        return client


def _sent(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    try:
        return client.send(request, stream=True)
    except (httpcore.ProtocolError, httpx.HTTPError):
        raise NOT_OLLAMA() from None


def _beginning(response: httpx.Response) -> str:
    text = bytearray()
    for part in response.iter_bytes():
        text += part
        if len(text) >= ERROR_BYTES:
            break
    return text.decode("utf-8", "replace")
