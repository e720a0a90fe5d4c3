"""One call to the model server: what it can ask, and the handle by which it is ended."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from submissions.errors import Fault, ModelAway, ServerAway, ServerFault, SetupFault
from submissions.model_server.answer import OnToken, read_answer
from submissions.model_server.cancellation import Cancellation
from submissions.model_server.catalogue import Catalogue, ModelCard, refuse_cloud_name
from submissions.model_server.deadlines import Deadlines
from submissions.model_server.exchange import Exchange
from submissions.model_server.faults import NOT_OLLAMA
from submissions.model_server.payload import chat_body
from submissions.model_server.values import Answer, Request
from submissions.settings import Settings

#: Questions about the server itself need no model; this long they may take in all, in seconds.
INQUIRY_SECONDS = 30.0


class Call:
    """Made by ModelServer.call(); used by one thread, cancelled from any."""

    def __init__(
        self, settings: Settings, exchange: Exchange, catalogue: Catalogue, cancellation: Cancellation
    ) -> None:
        self._settings = settings
        self._exchange = exchange
        self._catalogue = catalogue
        self._cancellation = cancellation

    def cancel(self, fault: Fault) -> None:
        """Let this call raise `fault` within milliseconds, whatever it waits for; later asks raise it at once."""
        self._cancellation.cancel(fault)

    def ask(self, request: Request, on_token: OnToken | None = None) -> Answer:
        """Ask a model and wait for the complete answer; `on_token` gets each piece of text as it comes.

        Raises exactly one Fault of submissions/errors.py, whatever goes wrong. What `on_token` raises passes through
        and ends the request.
        """
        ends_at = time.monotonic() + request.total_seconds
        refuse_cloud_name(request.model)
        card = self._checked_card(request, ends_at)
        body = chat_body(request, self._settings, think=card.thinking(request.think))
        deadlines = Deadlines.of(self._settings, ends_at)
        deadlines.queues_again = bool(body["think"]) and request.format is not None

        def heard(piece: str) -> None:
            deadlines.queues_again = False
            if on_token:
                on_token(piece)

        try:
            with self._exchange.open("POST", "/api/chat", body, deadlines, self._cancellation) as response:
                return read_answer(response.iter_bytes(), request.model, heard)
        except SetupFault:
            self._catalogue.forget(request.model)
            raise

    def capabilities(self, model: str) -> frozenset[str]:
        """What the model can do, in Ollama's words; remembered for some minutes."""
        return self._catalogue.card(model, lambda: self._show(model, self._soon())).capabilities

    def models(self) -> tuple[str, ...]:
        """The names of the installed models, with their tags."""
        listed = self._inquire("GET", "/api/tags", None, self._soon()).get("models")
        if not isinstance(listed, list) or not all(isinstance(model, dict) for model in listed):
            raise NOT_OLLAMA()
        return tuple(str(model.get("name", "")) for model in listed)

    def version(self) -> str:
        """The model server's version."""
        return str(self._inquire("GET", "/api/version", None, self._soon()).get("version", ""))

    def _checked_card(self, request: Request, ends_at: float) -> ModelCard:
        """What is known of the model. Raises SetupFault where it must not, or cannot, be asked this."""
        card = self._catalogue.card(request.model, lambda: self._show(request.model, ends_at))
        try:
            card.check(request)
        except SetupFault:
            self._catalogue.forget(request.model)
            raise
        return card

    def _show(self, model: str, ends_at: float) -> Mapping[str, Any]:
        return self._inquire("POST", "/api/show", {"model": model}, min(ends_at, self._soon()))

    def _inquire(self, method: str, path: str, body: dict[str, Any] | None, ends_at: float) -> Mapping[str, Any]:
        """The JSON object that the server answers. No model is at work: a failure is the server's and never counts."""
        deadlines = Deadlines.of(self._settings, ends_at)
        try:
            with self._exchange.open(method, path, body, deadlines, self._cancellation) as response:
                answer = json.loads(response.read())
        except (ValueError, RecursionError):
            raise NOT_OLLAMA() from None
        except (ServerFault, ModelAway) as fault:
            raise fault.into(ServerAway) from None
        if not isinstance(answer, dict):
            raise NOT_OLLAMA()
        return answer

    def _soon(self) -> float:
        return time.monotonic() + INQUIRY_SECONDS
