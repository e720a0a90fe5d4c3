"""What Dramatiq tells a worker process about itself goes to the log as JSON lines."""

from __future__ import annotations

from dramatiq import Worker
from dramatiq.broker import Broker
from dramatiq.middleware import Middleware

from broker import broker
from submissions.events import emit
from submissions.log_lines import configure_logging
from submissions.settings import load


class JsonLog(Middleware):
    """From the process's boot on, everything it logs is a JSON line."""

    def __init__(self, level: str) -> None:
        self._level = level

    def after_process_boot(self, broker: Broker) -> None:
        configure_logging(self._level)

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        emit("worker.ready", threads=worker.worker_threads)


def install() -> None:
    """Add what the settings ask for to the broker; effective in worker processes alone."""
    settings = load()
    broker.add_middleware(JsonLog(settings.log_level))
