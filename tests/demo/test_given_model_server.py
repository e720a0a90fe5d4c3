"""When the Ollama server of OLLAMA_BASE_URL is used, and what is said when it cannot be."""

from __future__ import annotations

import pytest

from modelserver.testing import ScriptedServer
from scripts.demo.failure import DemoFailed
from scripts.demo.model_server import given


def test_without_ollama_base_url_the_development_model_server_is_used() -> None:
    assert given({"AI_VISION_MODEL": "gpt-oss"}) is None
    assert given({"OLLAMA_BASE_URL": " "}) is None


def test_each_model_that_the_server_lacks_is_named_with_the_command_that_gets_it(ollama: dict[str, str]) -> None:
    with pytest.raises(DemoFailed) as raised:
        given(ollama | {"AI_VISION_MODEL": "eye", "AI_FEEDBACK_MODEL": "pen"})

    assert "`ollama pull eye`" in str(raised.value)
    assert "`ollama pull pen`" in str(raised.value)


def test_a_server_that_is_away_is_told_as_such() -> None:
    with ScriptedServer() as server:
        url = server.url
    with pytest.raises(DemoFailed, match="refuses connections"):
        given({"OLLAMA_BASE_URL": url})


def test_a_setting_that_is_not_understood_is_named(ollama: dict[str, str]) -> None:
    with pytest.raises(DemoFailed, match="AI_THINK_LEVEL"):
        given(ollama | {"AI_THINK_LEVEL": "hard"})
