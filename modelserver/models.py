"""What the server tells about its models in /api/tags, /api/ps and /api/show."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

INSTALLED_AT = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class ModelCard:
    """One installed model. `context_length` is in tokens, `size` in bytes."""

    name: str
    capabilities: tuple[str, ...] = ("completion",)
    context_length: int = 4096
    size: int = 1_000_000_000
    family: str = "scripted"
    parameter_size: str = "1B"
    quantization: str = "Q4_K_M"
    license: str = ""

    @property
    def details(self) -> dict[str, object]:
        return {
            "parent_model": "",
            "format": "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": self.parameter_size,
            "quantization_level": self.quantization,
        }

    @property
    def full_name(self) -> str:
        """The name with its tag, as Ollama lists it."""
        return with_tag(self.name)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.full_name.encode()).hexdigest()

    def can(self, capability: str) -> bool:
        return capability in self.capabilities


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory: its effective context in tokens and when it will be unloaded (seconds since the epoch)."""

    card: ModelCard
    context_length: int
    expires_at: float


def with_tag(name: str) -> str:
    """Ollama's canonical name: `x` means `x:latest`."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def find(cards: Iterable[ModelCard], name: str) -> ModelCard | None:
    wanted = with_tag(name)
    return next((card for card in cards if card.full_name == wanted), None)


def tags_entry(card: ModelCard) -> dict[str, object]:
    return {
        "name": card.full_name,
        "model": card.full_name,
        "modified_at": INSTALLED_AT,
        "size": card.size,
        "digest": card.digest,
        "details": {**card.details, "context_length": card.context_length},
        "capabilities": list(card.capabilities),
    }


def ps_entry(loaded: LoadedModel) -> dict[str, object]:
    card = loaded.card
    return {
        "name": card.full_name,
        "model": card.full_name,
        "size": card.size,
        "digest": card.digest,
        "details": card.details,
        "expires_at": datetime.fromtimestamp(loaded.expires_at, UTC).isoformat().replace("+00:00", "Z"),
        "size_vram": 0,
        "context_length": loaded.context_length,
    }


def show_answer(card: ModelCard) -> dict[str, object]:
    return {
        "license": card.license,
        "modelfile": f"FROM {card.name}",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": card.details,
        "model_info": {
            "general.architecture": card.family,
            "general.basename": card.name,
            f"{card.family}.context_length": card.context_length,
        },
        "capabilities": list(card.capabilities),
        "modified_at": INSTALLED_AT,
    }
