"""The production code against the scripted model server."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from modelserver.testing import ScriptedServer
from submissions.model_server import ModelServer
from submissions.settings import Settings

MakeServer = Callable[..., ModelServer]


@pytest.fixture
def model_server(script: ScriptedServer) -> ModelServer:
    """What is tested, talking to the scripted server with patient deadlines."""
    return ModelServer(settings_for(script.url))


@pytest.fixture
def background() -> Iterator[ThreadPoolExecutor]:
    """Threads for calls that are meant to wait while the test acts."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def settings_for(url: str, **changes: float) -> Settings:
    """Deadlines that no test reaches unless it sets its own."""
    patient = {"connect_seconds": 60.0, "first_byte_seconds": 60.0, "between_bytes_seconds": 60.0}
    return Settings(ollama_base_url=url, **{**patient, **changes})  # type: ignore[arg-type]
