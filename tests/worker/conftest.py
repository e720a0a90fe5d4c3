"""A worker's surroundings: a scripted model server, a storage folder, the environment that names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelserver.testing import ScriptedServer


@pytest.fixture
def model_server(script: ScriptedServer) -> ScriptedServer:
    """The one that the worker asks."""
    return script


@pytest.fixture
def environment(worker_url: str, model_server: ScriptedServer, tmp_path: Path) -> dict[str, str]:
    """What a worker needs to know; it logs in as learning_worker."""
    return {
        "DATABASE_URL": worker_url,
        "OLLAMA_BASE_URL": model_server.url,
        "AI_VISION_MODEL": "scripted-vision",
        "AI_FEEDBACK_MODEL": "scripted-text",
        "STORAGE_URL": f"file:{tmp_path}/storage",
        "WORKER_CACHE_DIR": f"{tmp_path}/cache",
        "WORKER_BACKOFF_SECONDS": "0.1",
        "WORKER_SNOOZE_SECONDS": "0.2",
    }
