"""What a worker process tells about itself: JSON lines on its log, and metrics on Dramatiq's exporter.

Both begin when the process boots. Settings LOG_LEVEL, WORKER_METRICS_PORT. A process that only enqueues has neither.
"""

from __future__ import annotations

from collections.abc import Callable

import dramatiq.middleware.prometheus
from dramatiq import Worker
from dramatiq.broker import Broker
from dramatiq.middleware import Middleware, Prometheus

from broker import broker
from submissions.events import emit
from submissions.log_lines import configure_logging
from submissions.metrics import exporter, folder
from submissions.settings import load


class JsonLog(Middleware):
    """From the process's boot on, everything it logs is a JSON line."""

    def __init__(self, level: str) -> None:
        self._level = level

    def after_process_boot(self, broker: Broker) -> None:
        configure_logging(self._level)

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        emit("worker.ready", threads=worker.worker_threads)


class Metrics(Prometheus):
    """Dramatiq's metrics and ours, in a folder of this start, served by our exporter instead of Dramatiq's.

    Dramatiq's own would serve a folder that all masters of the host share, and knows no state from SQL.
    """

    @property
    def forks(self) -> list[Callable[[], int]]:
        return [exporter.serve]

    def after_process_boot(self, broker: Broker) -> None:
        # Dramatiq reads the folder's name from here, and hands it to prometheus_client right before it imports that.
        dramatiq.middleware.prometheus.DB_PATH = str(folder.of_this_start())
        super().after_process_boot(broker)  # type: ignore[no-untyped-call]
        from submissions.metrics import counting  # noqa: PLC0415 - not before the line above

        counting.start()


def install() -> None:
    """Add what the settings ask for to the broker."""
    settings = load()
    broker.add_middleware(JsonLog(settings.log_level))
    if settings.metrics_port:
        broker.add_middleware(Metrics())  # type: ignore[no-untyped-call]
