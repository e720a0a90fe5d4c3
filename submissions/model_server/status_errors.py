"""What an HTTP status means when the text beside it is none that Ollama is known to send: gateways, or a newer Ollama.

The first row that holds the status decides; the last two hold all there are.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from submissions.errors import Fault, ServerAway, ServerFault, SetupFault


@dataclass(frozen=True, slots=True)
class StatusError:
    statuses: Container[int]
    fault: Callable[[str, str], Fault]
    reason: str
    message: str


#: Ollama's own 403 with nothing in it (reference §1); a gateway explains itself.
HOST_REFUSED = StatusError(
    {403},
    SetupFault,
    "host_refused",
    "Ollama listens on loopback only and refuses this host name: use localhost in OLLAMA_BASE_URL, or set"
    " OLLAMA_HOST=0.0.0.0 for Ollama",
)

STATUS_ERRORS = (
    StatusError(
        range(400),
        SetupFault,
        "redirected",
        "the model server sends us elsewhere: write its final address in OLLAMA_BASE_URL",
    ),
    StatusError(
        {404, 405},
        SetupFault,
        "not_ollama",
        "what answers at OLLAMA_BASE_URL is not Ollama: check host, port and path",
    ),
    StatusError(
        {401, 403, 407},
        SetupFault,
        "access_refused",
        "the model server, or a gateway in front of it, refuses this worker access",
    ),
    StatusError(
        {413},
        SetupFault,
        "request_too_large",
        "a gateway in front of the model server limits the size of requests: raise its limit",
    ),
    StatusError(
        {408, 425, 429, 499, 502, 503, 504},
        ServerAway,
        "server_busy",
        "the model server is busy or not yet there",
    ),
    StatusError(
        range(400, 500),
        ServerFault,
        "request_refused",
        "the model server refused a request; see its log",
    ),
    StatusError(
        range(500, 1000),
        ServerFault,
        "server_error",
        "the model server failed at a request; see its log",
    ),
)
