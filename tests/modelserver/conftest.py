"""Clients of the scripted model server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import ollama
import pytest

from modelserver.testing import ScriptedServer

FIRST_BYTE_SECONDS = 5.0


@pytest.fixture
def server(script: ScriptedServer) -> ScriptedServer:
    """What is tested."""
    return script


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[ollama.Client]:
    """The official client, with a timeout so that a broken server cannot hang the tests."""
    with ollama.Client(server.url, timeout=FIRST_BYTE_SECONDS, trust_env=False) as client:
        yield client


@pytest.fixture
def raw(server: ScriptedServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=FIRST_BYTE_SECONDS, trust_env=False) as client:
        yield client


@pytest.fixture
def background() -> Iterator[ThreadPoolExecutor]:
    """Threads for calls that are meant to wait while the test looks."""
    with ThreadPoolExecutor(8) as pool:
        yield pool
