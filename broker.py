"""The one broker of this installation, built from the settings; Dramatiq's actors and producers use it.

Importing it opens no connection. A worker whose database is not named, not reachable or not migrated says so in one
line when it boots, and exits.
"""

from __future__ import annotations

import dramatiq

from postgres_queue import PostgresQueueBroker
from submissions import settings
from submissions.errors import SettingsRefused


def _build() -> PostgresQueueBroker:
    try:
        values = settings.load()
    except SettingsRefused as problem:
        raise SystemExit(str(problem)) from None
    return PostgresQueueBroker(
        values.database_url,
        role="learning_worker",
        direct_url=values.direct_database_url,
        listen=values.worker_listen == "on",
        poll_seconds=values.worker_poll_seconds,
        keep_rejected_days=values.worker_keep_rejected_days,
        shutdown_seconds=values.worker_shutdown_seconds,
    )


broker = _build()
dramatiq.set_broker(broker)

enqueue_in = broker.enqueue_in
enqueue_many = broker.enqueue_many
on_stop = broker.on_stop
