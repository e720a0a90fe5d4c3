"""Requests as the worker makes them, and the fault that one ends with."""

from typing import Any

import pytest

from submissions.errors import Fault
from submissions.model_server import Message, ModelServer, Request

PNG = b"\x89PNG\r\n\x1a\n a page, as far as the wire is concerned"


def a_request(**changes: Any) -> Request:
    """A feedback request without thinking, with time enough."""
    usual: dict[str, Any] = {
        "model": "scripted-text",
        "messages": (Message("system", "You help."), Message("user", "A pupil's text.")),
        "num_ctx": 4096,
        "num_predict": 2048,
        "temperature": 0.3,
        "total_seconds": 60.0,
    }
    return Request(**{**usual, **changes})


def a_page(**changes: Any) -> Request:
    """A vision request with one image."""
    return a_request(**{"model": "scripted-vision", "messages": (Message("user", "Read.", (PNG,)),), **changes})


def fault_of(server: ModelServer, request: Request | None = None, **kwargs: Any) -> Fault:
    """Ask, and return the one fault that it ends with."""
    with pytest.raises(Fault) as caught:
        server.ask(request or a_request(), **kwargs)
    return caught.value
