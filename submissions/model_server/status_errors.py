"""What an HTTP status means when the text beside it is none that Ollama is known to send: gateways, or a newer Ollama.

The first row that holds the status decides; the last two hold all there are.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from submissions.errors import OverLimit, ServerAway, ServerFault, SetupFault
from submissions.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusError(Kind):
    """A kind of fault that is known by its status alone; `{status}` in the message is filled in."""

    statuses: Container[int]


STATUS_ERRORS = (
    StatusError(
        "1xx to 3xx",
        SetupFault,
        "redirected",
        "the model server sends us elsewhere: write its final address in OLLAMA_BASE_URL (status {status})",
        statuses=range(400),
    ),
    StatusError(
        "404, 405 with a text that is not Ollama's",
        SetupFault,
        "not_ollama",
        "what answers at OLLAMA_BASE_URL is not Ollama: check host, port and path (status {status})",
        statuses={404, 405},
    ),
    StatusError(
        "401, 403, 407",
        SetupFault,
        "access_refused",
        "the model server, or a gateway in front of it, refuses this worker access (status {status})",
        statuses={401, 403, 407},
    ),
    StatusError(
        "413",
        OverLimit,
        "request_too_large",
        "a gateway in front of the model server limits the size of requests: raise its limit (status {status})",
        statuses={413},
    ),
    StatusError(
        "408, 425, 429, 499, 502 to 504",
        ServerAway,
        "server_busy",
        "the model server is busy or not yet there (status {status})",
        statuses={408, 425, 429, 499, 502, 503, 504},
    ),
    StatusError(
        "4xx",
        ServerFault,
        "request_refused",
        "the model server refused a request; see its log (status {status})",
        statuses=range(400, 500),
    ),
    StatusError(
        "5xx",
        ServerFault,
        "server_error",
        "the model server failed at a request; see its log (status {status})",
        statuses=range(500, 1000),
    ),
)

#: Ollama's own 403 with nothing in it (reference §1); a gateway explains itself.
HOST_REFUSED = StatusError(
    "403 without a text",
    SetupFault,
    "host_refused",
    "Ollama listens on loopback only and refuses this host name: use localhost in OLLAMA_BASE_URL, or set"
    " OLLAMA_HOST=0.0.0.0 for Ollama (status {status})",
    statuses={403},
)
