"""Ending a call from another thread, whatever it waits for.

A thread that waits in `recv` notices neither an exception meant for it nor a closed client; it does notice the
shutdown of its socket. What is held here is a duplicate of the descriptor: it stays valid when TLS takes the socket
over, and it can never be a descriptor that was closed and given to somebody else meanwhile. Caveat: looking a host
name up cannot be ended, it takes as long as the system's resolver takes.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

from submissions.errors import Fault


class Cancellation:
    """Whether one call is to end, and the socket that it waits on meanwhile."""

    def __init__(self) -> None:
        # Re-entrant: a signal handler may cancel while the main thread is in here.
        self._lock = threading.RLock()
        self._fault: Fault | None = None
        self._handle: socket.socket | None = None

    def cancel(self, fault: Fault) -> None:
        """Let the call end with `fault`, now; the first fault counts. A complete answer stays an answer."""
        with self._lock:
            if self._fault is None:
                self._fault = fault
            if self._handle is not None:
                with contextlib.suppress(OSError):  # the server may have closed it already
                    self._handle.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        """Raise the fault if the call was cancelled."""
        if self._fault is not None:
            raise self._fault

    def hold(self, sock: socket.socket) -> None:
        """From now on cancelling shuts this socket down, which has at least begun to connect."""
        with self._lock:
            self.check()
            self.release()
            self._handle = sock.dup()

    def release(self) -> None:
        """Let go of the socket; without this the server never sees it closed."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None


class OpenCalls:
    """The calls of this process, so that all of them can be ended at once."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._open: set[Cancellation] = set()
        self._stopped: Callable[[], Fault] | None = None

    @contextlib.contextmanager
    def registered(self, cancellation: Cancellation) -> Iterator[None]:
        with self._lock:
            self._open.add(cancellation)
            if self._stopped is not None:
                cancellation.cancel(self._stopped())
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(cancellation)

    @property
    def stopped(self) -> bool:
        return self._stopped is not None

    def cancel_all(self, make_fault: Callable[[], Fault]) -> None:
        """End the calls that are open now, each with a fault of its own."""
        with self._lock:
            for cancellation in tuple(self._open):
                cancellation.cancel(make_fault())

    def stop(self, make_fault: Callable[[], Fault]) -> None:
        """End the open calls, and every later one before it connects."""
        with self._lock:
            self._stopped = make_fault
            self.cancel_all(make_fault)
