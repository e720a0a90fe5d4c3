"""The Dramatiq actors: `dramatiq actors` imports this package and works their queues."""

from actors.feedback import feedback
from actors.vision import vision

__all__ = ["feedback", "vision"]
