"""An address that answers no connection attempt: the kernel drops what comes when a listener's queue is full."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

SYN_SENT = "02"


@contextlib.contextmanager
def deaf_address() -> Iterator[str]:
    """The URL; connecting to it stays pending."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        stack.enter_context(socket.create_connection(listener.getsockname()))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def is_connecting_to(url: str) -> bool:
    """Whether somebody's connection to this address is pending (Linux)."""
    remote = f":{int(url.rsplit(':', 1)[1]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[2].endswith(remote) and row[3] == SYN_SENT for row in rows)
