"""Folders for demos, and a demo that waits in the middle of its work."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelserver.testing import ScriptedServer
from scripts.dev_postgres import DevPostgres
from tests.demo.running import start_demo


@pytest.fixture(scope="module")
def module_folder() -> Iterator[Path]:
    """A folder that another user may enter: as root, Postgres runs as one."""
    yield from _folder()


@pytest.fixture
def folder() -> Iterator[Path]:
    yield from _folder()


def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="learning-demo-test-"))
    yield path / "demo"
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def model_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def ollama(model_server: ScriptedServer) -> dict[str, str]:
    """The settings of somebody who has an Ollama server."""
    return {
        "OLLAMA_BASE_URL": model_server.url,
        "AI_VISION_MODEL": "scripted-vision",
        "AI_FEEDBACK_MODEL": "scripted-text",
    }


@pytest.fixture
def held_demo(
    folder: Path, postgres: DevPostgres, model_server: ScriptedServer, ollama: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """A demo whose worker waits for the model server's answer."""
    model_server.reset()
    model_server.hold()
    demo = start_demo(folder, DATABASE_URL=postgres.admin_url, **ollama)
    model_server.wait(timeout=60, received=1)
    yield demo
    if demo.poll() is None:
        os.killpg(demo.pid, signal.SIGTERM)
        demo.communicate()
