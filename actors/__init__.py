"""The Dramatiq actors: `dramatiq actors` imports this package and works their queues."""

from actors import boot, telemetry, upkeep
from actors.feedback import feedback
from actors.vision import vision

telemetry.install()
boot.install()
upkeep.install()

__all__ = ["feedback", "vision"]
