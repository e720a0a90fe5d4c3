"""The production code against a scripted model server that is a process of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from modelserver.testing import ScriptedServer
from submissions.model_server import ModelServer
from submissions.settings import Settings

MakeServer = Callable[..., ModelServer]


@pytest.fixture(scope="package")
def running_script() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def script(running_script: ScriptedServer) -> ScriptedServer:
    """The scripted server, as freshly started."""
    running_script.reset()
    return running_script


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
