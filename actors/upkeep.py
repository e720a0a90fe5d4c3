"""Starts the upkeep of a worker process when it boots: work that lost its message needs it most where nothing rings."""

from __future__ import annotations

from dramatiq import Worker
from dramatiq.broker import Broker
from dramatiq.middleware import Middleware

from actors.doorbell import workplace
from broker import broker, on_stop
from submissions.upkeep import Upkeep


class KeepHouse(Middleware):
    """In worker processes alone."""

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        place = workplace()
        upkeep = Upkeep(place.tools.settings, place.spare, place.tools.cache)
        on_stop(upkeep.stop)
        upkeep.start()


def install() -> None:
    """Add it to the broker."""
    broker.add_middleware(KeepHouse())
