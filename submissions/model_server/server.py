"""The model server as the rest of the worker sees it. One per process: build it after forking.

Settings: OLLAMA_BASE_URL, OLLAMA_CONNECT_SECONDS, OLLAMA_FIRST_BYTE_SECONDS, OLLAMA_BETWEEN_BYTES_SECONDS,
OLLAMA_NUM_*. Thread-safe. Caveat: it bounds neither how many requests are under way nor how models alternate; that is
its callers' task.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from submissions.errors import Fault
from submissions.model_server.answer import OnToken
from submissions.model_server.call import Call
from submissions.model_server.cancellation import Cancellation, OpenCalls
from submissions.model_server.catalogue import Catalogue
from submissions.model_server.exchange import Exchange
from submissions.model_server.values import Answer, Request
from submissions.settings import Settings


class ModelServer:
    """Raises SettingsRefused if OLLAMA_BASE_URL is no address; nothing is asked before the first call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._exchange = Exchange(settings.ollama_base_url)
        self._catalogue = Catalogue()
        self._open_calls = OpenCalls()

    @contextlib.contextmanager
    def call(self) -> Iterator[Call]:
        """A call that another thread can end alone: `with server.call() as call: …`, and there `call.cancel(fault)`."""
        cancellation = Cancellation()
        with self._open_calls.registered(cancellation):
            yield Call(self._settings, self._exchange, self._catalogue, cancellation)

    def ask(self, request: Request, on_token: OnToken | None = None) -> Answer:
        """Ask a model and wait for the complete answer (see Call.ask)."""
        with self.call() as call:
            return call.ask(request, on_token)

    def capabilities(self, model: str) -> frozenset[str]:
        """What the model can do (see Call.capabilities)."""
        with self.call() as call:
            return call.capabilities(model)

    def models(self) -> tuple[str, ...]:
        """The names of the installed models (see Call.models)."""
        with self.call() as call:
            return call.models()

    def version(self) -> str:
        """The model server's version."""
        with self.call() as call:
            return call.version()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called: this process asks no model any more."""
        return self._open_calls.stopped

    def cancel_all(self, make_fault: Callable[[], Fault]) -> None:
        """End the calls that are under way, from any thread or a signal handler: `cancel_all(Withdrawn)`."""
        self._open_calls.cancel_all(make_fault)

    def stop(self, make_fault: Callable[[], Fault]) -> None:
        """End the calls that are under way and refuse all that come later: `stop(Interrupted)`."""
        self._open_calls.stop(make_fault)
