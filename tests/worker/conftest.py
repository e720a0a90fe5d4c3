"""A worker's surroundings: a scripted model server, a storage folder, the environment that names them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from modelserver.testing import ScriptedServer
from tests.factories import rows
from tests.worker.processes import ROOT, surroundings

SCHEMA = json.loads((ROOT / "docs" / "criteria.v2.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def model_server(script: ScriptedServer) -> ScriptedServer:
    """The one that the worker asks."""
    return script


@pytest.fixture
def environment(worker_url: str, model_server: ScriptedServer, tmp_path: Path) -> dict[str, str]:
    """What a worker needs to know; it logs in as learning_worker."""
    return surroundings(worker_url, model_server.url, tmp_path)


@pytest.fixture(autouse=True)
def whatever_is_stored_satisfies_the_published_schema(owner_url: str) -> Iterator[None]:
    """Looked at after every test that a worker had a hand in."""
    yield
    for (analysis,) in rows(
        owner_url, "SELECT analysis_json FROM learning_submissions WHERE analysis_json IS NOT NULL"
    ):
        jsonschema.validate(analysis, SCHEMA)
