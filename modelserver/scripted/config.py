"""Settings of the scripted face: a frozen value that PUT /_control/config replaces, field by field.

Times are seconds, lengths tokens; `tokens_per_second` and `prefill_tokens_per_second` 0 mean "as fast as possible".
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from modelserver.models import ModelCard
from modelserver.scripted import fields
from modelserver.scripted.fields import Field

#: The last two have names of real ones: whoever sets nothing but our address asks for those.
DEFAULT_MODELS = (
    ModelCard("scripted-vision", ("completion", "vision"), context_length=131_072),
    ModelCard("scripted-text", ("completion",), context_length=131_072),
    ModelCard("qwen2.5vl:3b", ("completion", "vision"), context_length=131_072, family="qwen25vl"),
    ModelCard("gpt-oss:latest", ("completion", "tools", "thinking"), context_length=131_072, family="gptoss"),
)


@dataclass(frozen=True)
class Config:
    """How fast the face answers, how much at once, and which models it has."""

    models: tuple[ModelCard, ...] = DEFAULT_MODELS
    version: str = "0.33.0"
    tokens_per_second: float = 0.0
    prefill_seconds: float = 0.0
    prefill_tokens_per_second: float = 0.0
    load_seconds: float = 0.0
    unload_seconds: float = 0.0
    keep_alive_seconds: float = 300.0
    num_parallel: int = 1
    max_loaded: int = 3
    max_queue: int = 512
    context_length: int = 4096
    image_tokens: int = 768

    def changed(self, data: object) -> Config:
        """This configuration with the fields of a JSON object put in. Raises InvalidField."""
        given = dict[str, Any](fields.checked(data, _FIELDS, "config"))
        if "models" in given:
            given["models"] = tuple(_card(item, i) for i, item in enumerate(given["models"]))
        return replace(self, **given)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def _card(item: object, index: int) -> ModelCard:
    """A model given by its name alone (text only), or by an object."""
    where = f"config.models[{index}]"
    if isinstance(item, str):
        return ModelCard(item, context_length=131_072)
    given = dict[str, Any](fields.checked(item, _MODEL_FIELDS, where))
    if "name" not in given:
        raise fields.InvalidField(f"{where}.name: must be given")
    capabilities = tuple(given.pop("capabilities", ("completion",)))
    return ModelCard(capabilities=capabilities, **{"context_length": 131_072, **given})


_FIELDS: dict[str, Field] = {
    "models": Field(lambda value: isinstance(value, list), "a list of model names or model objects"),
    "version": fields.text(),
    "tokens_per_second": fields.rate(),
    "prefill_seconds": fields.seconds(),
    "prefill_tokens_per_second": fields.rate(),
    "load_seconds": fields.seconds(),
    "unload_seconds": fields.seconds(),
    "keep_alive_seconds": fields.seconds(),
    "num_parallel": fields.whole(1),
    "max_loaded": fields.whole(1),
    "max_queue": fields.whole(0),
    "context_length": fields.whole(4),
    "image_tokens": fields.whole(0),
}
_MODEL_FIELDS: dict[str, Field] = {
    "name": fields.text(),
    "capabilities": fields.texts(),
    "context_length": fields.whole(4),
    "size": fields.whole(1),
    "family": fields.text(),
    "parameter_size": fields.text(),
    "quantization": fields.text(),
    "license": fields.text(),
}
