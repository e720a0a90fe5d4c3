"""Failures that we notice ourselves: connections that fail, and bodies that are not what Ollama sends.

Nothing that the network does is a document's doing, so none of it counts as an attempt. That holds for a connection
that is cut in the middle of an answer, too: Ollama closes every connection at once when it is stopped (reference §1),
while a model that dies in the middle arrives as an error within the answer (`server_errors`).
"""

from __future__ import annotations

import socket
import ssl

from submissions.errors import AnswerFault, Fault, ServerAway, ServerFault, SetupFault


def no_connection(problem: OSError | UnicodeError) -> Fault:
    """The fault for what connecting, TLS or looking up the name raised."""
    if isinstance(problem, ssl.SSLError) and not isinstance(problem, ssl.SSLEOFError):
        return _no_tls(problem)
    if isinstance(problem, ConnectionRefusedError):
        return ServerAway(
            "connection_refused", "the model server refuses connections: is it started, and OLLAMA_BASE_URL right?"
        )
    if isinstance(problem, socket.gaierror | UnicodeError):
        return ServerAway("host_unknown", "the host in OLLAMA_BASE_URL is not known: is it spelt right, and DNS up?")
    if isinstance(problem, TimeoutError):
        return ServerAway("connect_timeout", "the model server did not take a connection within OLLAMA_CONNECT_SECONDS")
    return ServerAway("unreachable", "the model server cannot be reached over the network")


def _no_tls(problem: ssl.SSLError) -> Fault:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return SetupFault(
            "certificate_refused",
            "the certificate of the model server is not trusted here: install its authority on this machine, or"
            " correct the host in OLLAMA_BASE_URL",
        )
    return SetupFault("tls_failed", "the model server does not speak TLS: write http:// in OLLAMA_BASE_URL")


def connection_lost(began: bool) -> Fault:
    """The connection ended before the answer did; `began`: some of it had come."""
    if began:
        return ServerAway("connection_lost", "the model server closed the connection in the middle of an answer")
    return ServerAway("connection_reset", "the model server closed the connection without an answer")


def not_taken() -> Fault:
    """The request could not be sent: nobody takes its bytes."""
    return ServerAway("send_timeout", "the model server stopped taking in the request: it hangs, or the network does")


def not_ollama() -> Fault:
    """What answers, answers in a way that Ollama never does."""
    return SetupFault("not_ollama", "what answers at OLLAMA_BASE_URL is not Ollama: check host, port and path")


def bad_body() -> Fault:
    """Within an answer that had begun well stands something that is no piece of one."""
    return ServerFault("bad_body", "the model server sent a line that is no piece of an answer; see its log")


def looping() -> Fault:
    return AnswerFault("repetition", "the model repeated itself without end; another attempt may not")


def unfinished() -> Fault:
    """The stream ended cleanly, the answer did not: Ollama hides failures of its llama-server so (reference §1.3)."""
    return AnswerFault("unfinished", "the answer broke off: the model server ended it without its last line")


def end_unknown() -> Fault:
    return AnswerFault("end_unknown", "the answer ended in a way that Ollama is not known to end one")
