"""The published schema, our prompts, and the production code against the scripted model server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from modelserver.testing import ScriptedServer
from submissions.model_server import ModelServer
from submissions.prompts import Prompts, load_prompts
from submissions.settings import Settings

SCHEMA = Path(__file__).parents[2] / "docs" / "criteria.v2.schema.json"


@pytest.fixture(scope="session")
def satisfies_contract() -> Callable[[object], None]:
    """Raises if something is not what the platform may read."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))

    def check(analysis: Any) -> None:
        validator.validate(json.loads(json.dumps(analysis)))

    return check


@pytest.fixture(scope="session")
def prompts() -> Prompts:
    return load_prompts("")


@pytest.fixture
def model_server(script: ScriptedServer) -> ModelServer:
    return ModelServer(Settings(ollama_base_url=script.url))
