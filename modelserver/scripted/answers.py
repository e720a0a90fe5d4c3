"""What the scripted face says when no rule says otherwise: text that follows from what it was given.

An image answers with text named after its bytes; a schema gets an instance of itself; anything else a sentence. All
of it is derived from hashes, so a test can foretell it and two equal calls get two equal answers.
"""

from __future__ import annotations

import hashlib
import json

from modelserver.calls import ModelCall
from modelserver.models import ModelCard
from modelserver.scripted.instances import instance_of


def image_hash(image: bytes) -> str:
    """The sha256 of an image's bytes as they came over the wire, in hex."""
    return hashlib.sha256(image).hexdigest()


def page_text(image: bytes) -> str:
    """The text that is "read" from an image. Public: tests compare stored text with it."""
    mark = image_hash(image)[:8]
    return f"Text of page {mark}.\n\nThe page has {len(image)} bytes.\nEnd of page {mark}."


def default_answer(call: ModelCall) -> str:
    """The answer to a call for which there is no rule."""
    if isinstance(call.format, dict):
        return json.dumps(instance_of(call.format, _seed(call)), ensure_ascii=False)
    if call.format == "json":
        return json.dumps({"answer": _seed(call)[:8], "model": call.model})
    if call.images:
        return "\n\n".join(page_text(image) for image in call.images)
    return f"This is answer {_seed(call)[:8]} of {call.model}."


def default_thinking(call: ModelCall, card: ModelCard) -> str:
    """A thinking model thinks unless it is told not to: with Ollama, no `think` means true."""
    thinks = card.can("thinking") and call.flags.get("think") is not False
    return "Let me look at this first. " if thinks else ""


def _seed(call: ModelCall) -> str:
    digest = hashlib.sha256(call.model.encode())
    for message in call.messages:
        digest.update(f"\0{message.role}\0{message.content}".encode())
        for image in message.images:
            digest.update(image)
    return digest.hexdigest()
