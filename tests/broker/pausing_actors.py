"""The trial actors, and two that pause and resume another queue of their own process."""

import dramatiq

from tests.broker.trial_actors import broker, trace


@dramatiq.actor(queue_name="other")
def pause(key: str) -> None:
    broker.pause("trial")
    trace(key, "ran")


@dramatiq.actor(queue_name="other")
def resume(key: str) -> None:
    broker.resume("trial")
    trace(key, "ran")
