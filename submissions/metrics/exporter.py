"""The process that serves the metrics: Dramatiq's master starts it beside the workers, and it ends with them.

A port that is taken (a second master on this host) is tried again until it is free; the workers work on meanwhile.
Settings WORKER_METRICS_PORT, WORKER_METRICS_ADDRESS. Events: metrics.ready, metrics.unserved.
"""

from __future__ import annotations

import errno
import time
from typing import NoReturn

from postgres_queue.signals import die_with_parent
from submissions.events import emit
from submissions.log_lines import configure_logging
from submissions.metrics import folder
from submissions.settings import Settings, load

#: Pause between two tries of a port, and between two looks for signals, in seconds.
TRY_AGAIN, WAKE = 5.0, 1.0


def serve() -> NoReturn:
    """Serve until the master ends; Dramatiq runs this in a process of its own."""
    settings = load()
    configure_logging(settings.log_level)
    die_with_parent()
    folder.remove_old()
    place = {"address": settings.metrics_address, "port": settings.metrics_port}
    told = False
    while True:
        try:
            _serve(settings)
        except OSError as problem:
            if not told:
                emit("metrics.unserved", **place, error=errno.errorcode.get(problem.errno or 0, type(problem).__name__))
            told = True
        time.sleep(TRY_AGAIN)


def _serve(settings: Settings) -> None:
    """Raises OSError if the port cannot be had; else it never comes back."""
    # Not sooner: see this package's note on prometheus_client.
    from prometheus_client import start_http_server  # noqa: PLC0415

    from submissions.metrics.scrape import registry  # noqa: PLC0415

    served = registry(folder.of_this_start(), settings.database_url)
    _, thread = start_http_server(settings.metrics_port, settings.metrics_address, registry=served)
    emit("metrics.ready", address=settings.metrics_address, port=settings.metrics_port)
    while thread.is_alive():
        # Never for ever: a signal that comes right before a wait without end is handled after it.
        thread.join(WAKE)
