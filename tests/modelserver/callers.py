"""Callers that a test can let leave."""

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx

from modelserver.testing import ScriptedServer


@contextlib.contextmanager
def a_caller(server: ScriptedServer, **fields: Any) -> Iterator[socket.socket]:
    """Has asked and waits inside the block; has left at its end."""
    body = json.dumps({"model": "scripted-text", "prompt": "x", **fields})
    head = f"POST /api/generate HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    before = server.wait()["received"]
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall((head + body).encode())
        server.wait(received=before + 1)
        yield connection


def ask(server: ScriptedServer, model: str = "scripted-text", **fields: Any) -> httpx.Response:
    """One whole answer."""
    body = {"model": model, "prompt": "Hallo", "stream": False, **fields}
    return httpx.post(f"{server.url}/api/generate", json=body, timeout=10, trust_env=False)
