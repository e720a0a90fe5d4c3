"""What the API asks of whatever makes the answers, and the refusals that every face shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from modelserver.calls import ModelCall
from modelserver.errors import does_not_support, model_not_found, no_image_support
from modelserver.models import LoadedModel, ModelCard, find
from modelserver.replies import Reply


class Face(Protocol):
    """Answers model calls. `answer` is cancelled when the client has gone; it may raise ApiError at any time."""

    @property
    def version(self) -> str: ...

    def installed(self) -> Sequence[ModelCard]: ...

    def loaded(self) -> Sequence[LoadedModel]: ...

    async def answer(self, call: ModelCall, reply: Reply) -> None: ...

    async def close(self) -> None: ...


def card_for(call: ModelCall, installed: Sequence[ModelCard]) -> ModelCard:
    """The called model. Raises ApiError: unknown model, thinking or images where it has neither."""
    card = find(installed, call.model)
    if card is None:
        raise model_not_found(call.model)
    if call.flags.get("think") and not card.can("thinking"):
        raise does_not_support(call.model, "thinking")
    if call.images and not card.can("vision"):
        raise no_image_support()
    return card
