"""Failures that we notice ourselves: connections that fail, silence, and bodies that are not what Ollama sends.

Nothing that the network does is a document's doing, so none of it counts as an attempt. That holds for a connection
that is cut in the middle of an answer, too: Ollama closes every connection at once when it is stopped (reference §1),
while a model that dies in the middle arrives as an error within the answer (`server_errors`).
"""

from __future__ import annotations

import socket
import ssl

from submissions.errors import AnswerFault, Fault, ModelAway, ServerAway, ServerFault, SetupFault
from submissions.kinds import Kind

CONNECTION_REFUSED = Kind(
    "nobody listens",
    ServerAway,
    "connection_refused",
    "the model server refuses connections: is it started, and OLLAMA_BASE_URL right?",
)
HOST_UNKNOWN = Kind(
    "the host name has no address",
    ServerAway,
    "host_unknown",
    "the host in OLLAMA_BASE_URL is not known: is it spelt right, and DNS up?",
)
CONNECT_TIMEOUT = Kind(
    "no answer to the connection attempt",
    ServerAway,
    "connect_timeout",
    "the model server did not take a connection within OLLAMA_CONNECT_SECONDS",
)
UNREACHABLE = Kind(
    "no route, or the connection attempt was cut off",
    ServerAway,
    "unreachable",
    "the model server cannot be reached over the network",
)
CERTIFICATE_REFUSED = Kind(
    "TLS with a certificate that nobody vouches for",
    SetupFault,
    "certificate_refused",
    "the certificate of the model server is not trusted here: install its authority on this machine, or correct the"
    " host in OLLAMA_BASE_URL",
)
TLS_FAILED = Kind(
    "https where http is spoken",
    SetupFault,
    "tls_failed",
    "the model server does not speak TLS: write http:// in OLLAMA_BASE_URL",
)
CONNECTION_RESET = Kind(
    "connection closed or reset before the first byte",
    ServerAway,
    "connection_reset",
    "the model server closed the connection without an answer",
)
CONNECTION_LOST = Kind(
    "connection closed or reset within an answer",
    ServerAway,
    "connection_lost",
    "the model server closed the connection in the middle of an answer",
)
NOT_TAKEN = Kind(
    "the request's bytes are not taken",
    ServerAway,
    "send_timeout",
    "the model server stopped taking in the request: it hangs, or the network does",
)
FIRST_BYTE_TIMEOUT = Kind(
    "silence before the first byte: queue, load, wedge (§1.3, §2, §10.5)",
    ModelAway,
    "first_byte_timeout",
    "the model server did not begin to answer in time: it is loading a model, or its queue is longer than"
    " OLLAMA_FIRST_BYTE_SECONDS and the stage's time limit allow",
)
STALLED = Kind(
    "silence within an answer",
    ServerFault,
    "stalled",
    "the model server fell silent in the middle of an answer for OLLAMA_BETWEEN_BYTES_SECONDS",
)
TOTAL_TIMEOUT = Kind(
    "an answer that does not come to its end",
    ServerFault,
    "total_timeout",
    "the answer was not complete when its time was over: raise AI_TIMEOUT_VISION or AI_TIMEOUT_FEEDBACK, or use a"
    " faster model",
)
NOT_OLLAMA = Kind(
    "an answer that Ollama never gives",
    SetupFault,
    "not_ollama",
    "what answers at OLLAMA_BASE_URL is not Ollama: check host, port and path",
)
BAD_BODY = Kind(
    "a line within an answer that is no piece of one",
    ServerFault,
    "bad_body",
    "the model server sent a line that is no piece of an answer; see its log",
)
LOOPING = Kind(
    "the same words again and again (§10.1)",
    AnswerFault,
    "repetition",
    "the model repeated itself without end; another attempt may not",
)
UNFINISHED = Kind(
    "a clean end without `done` (§1.3, §6)",
    AnswerFault,
    "unfinished",
    "the answer broke off: the model server ended it without its last line",
)
END_UNKNOWN = Kind(
    "a `done_reason` that Ollama is not known to give",
    AnswerFault,
    "end_unknown",
    "the answer ended in a way that Ollama is not known to end one",
)

NETWORK = (
    CONNECTION_REFUSED,
    HOST_UNKNOWN,
    CONNECT_TIMEOUT,
    UNREACHABLE,
    CERTIFICATE_REFUSED,
    TLS_FAILED,
    CONNECTION_RESET,
    CONNECTION_LOST,
    NOT_TAKEN,
)
SILENCE = (FIRST_BYTE_TIMEOUT, STALLED, TOTAL_TIMEOUT)
BODIES = (NOT_OLLAMA, BAD_BODY, LOOPING, UNFINISHED, END_UNKNOWN)


def no_connection(problem: OSError | UnicodeError) -> Fault:
    """The fault for what connecting, TLS or looking up the name raised."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return CERTIFICATE_REFUSED()
    if isinstance(problem, ssl.SSLError) and not isinstance(problem, ssl.SSLEOFError):
        return TLS_FAILED()
    if isinstance(problem, ConnectionRefusedError):
        return CONNECTION_REFUSED()
    if isinstance(problem, socket.gaierror | UnicodeError):
        return HOST_UNKNOWN()
    if isinstance(problem, TimeoutError):
        return CONNECT_TIMEOUT()
    return UNREACHABLE()


def connection_lost(began: bool) -> Fault:
    """The connection ended before the answer did; `began`: some of it had come."""
    return CONNECTION_LOST() if began else CONNECTION_RESET()
