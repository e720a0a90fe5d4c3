"""The Dramatiq actors: `dramatiq actors` imports this package and works their queues."""

from actors import telemetry, upkeep
from actors.feedback import feedback
from actors.vision import vision

telemetry.install()
upkeep.install()

__all__ = ["feedback", "vision"]
