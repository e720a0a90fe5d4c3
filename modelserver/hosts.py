"""Which Host headers a server on loopback accepts, so that a web page cannot reach it by rebinding a name."""

from __future__ import annotations

import ipaddress
import socket

_LOCAL_SUFFIXES = (".localhost", ".local", ".internal")


def is_allowed(host_header: str) -> bool:
    """True for localhost, this machine's name, local suffixes, loopback and private addresses (Ollama's rule)."""
    host = _without_port(host_header).lower()
    if host in ("", "localhost", socket.gethostname().lower()) or host.endswith(_LOCAL_SUFFIXES):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private or address.is_unspecified


def _without_port(host_header: str) -> str:
    if host_header.startswith("["):
        return host_header[1:].partition("]")[0]
    return host_header.rpartition(":")[0] if host_header.count(":") == 1 else host_header
