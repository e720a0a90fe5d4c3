"""The Dramatiq actors: `dramatiq actors` imports this package and works their queues."""

from actors.feedback import feedback
from actors.telemetry import install
from actors.vision import vision

install()

__all__ = ["feedback", "vision"]
