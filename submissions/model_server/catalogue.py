"""What the model server's models can do, and whether a model really is the school's own.

/api/show is asked once per model and remembered for some minutes in each process. A model may be an alias of one that
runs on ollama.com without its name telling (`remote_host`, reference §10.2), so it is asked before the first request
to any model, not only where thinking or vision is in question.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from submissions.model_server.setup_errors import setup_fault
from submissions.model_server.values import THINK_OFF, Request

#: How long an answer of /api/show is believed, in seconds.
REMEMBERED_SECONDS = 300.0
#: Of thinking, least first.
LEVELS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model: `capabilities` as Ollama names them (completion, vision, thinking, …); empty: an old server.

    `think_values`: what `think` may be for it, booleans or levels; empty: the server does not tell (before v0.40).
    """

    capabilities: frozenset[str]
    is_remote: bool
    think_values: tuple[bool | str, ...] = ()

    @classmethod
    def read(cls, shown: Mapping[str, Any]) -> Self:
        """From the answer of /api/show."""
        listed = shown.get("capabilities")
        names = frozenset(str(name) for name in listed) if isinstance(listed, list) else frozenset()
        return cls(names, bool(shown.get("remote_host") or shown.get("remote_model")), _think_values(shown))

    @property
    def can_think(self) -> bool:
        return "thinking" in self.capabilities

    def thinking(self, level: str) -> bool | str:
        """What to send as `think` for a level of the settings. A value that a model does not know is not refused but
        replaced by its default, so the nearest one is sent: gpt-oss cannot be told not to think, only to think little.
        """
        if not self.can_think:
            return False
        wanted = False if level == THINK_OFF else level
        if not self.think_values or wanted in self.think_values:
            return wanted
        others = (True, *LEVELS) if wanted else LEVELS
        return next((value for value in others if value in self.think_values), False)

    def check(self, request: Request) -> None:
        """Raise SetupFault for a request that this model must not, or cannot, be asked."""
        if self.is_remote:
            raise setup_fault("cloud_model", request.model)
        if request.has_images and self.capabilities and "vision" not in self.capabilities:
            raise setup_fault("model_without_vision", request.model)


def _think_values(shown: Mapping[str, Any]) -> tuple[bool | str, ...]:
    """As the server lists them; else gpt-oss has levels alone (reference §4), and of others nothing is known."""
    told = shown.get("thinking")
    listed = told.get("values") if isinstance(told, dict) else None
    if isinstance(listed, list):
        return tuple(value for value in listed if isinstance(value, bool | str))
    details = shown.get("details")
    return LEVELS if isinstance(details, dict) and details.get("family") == "gptoss" else ()


class Catalogue:
    """The cards of this process. Two threads may ask for the same card at once; that does no harm."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cards: dict[str, tuple[float, ModelCard]] = {}

    def card(self, model: str, show: Callable[[], Mapping[str, Any]]) -> ModelCard:
        """The remembered card, or a new one from what `show` returns; raises what `show` raises."""
        with self._lock:
            since, card = self._cards.get(model, (0.0, None))
        if card is not None and time.monotonic() - since < REMEMBERED_SECONDS:
            return card
        card = ModelCard.read(show())
        with self._lock:
            self._cards[model] = (time.monotonic(), card)
        return card

    def forget(self, model: str) -> None:
        """After a refusal that contradicts the card: ask again next time."""
        with self._lock:
            self._cards.pop(model, None)


def refuse_cloud_name(model: str) -> None:
    """Raise SetupFault for a name that Ollama hands on to ollama.com (reference §10.2), whatever the settings allow."""
    if model.lower().endswith((":cloud", "-cloud")):
        raise setup_fault("cloud_model", model)
