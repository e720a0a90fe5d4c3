"""Enqueues on a connection of its own, opened with the first message and kept.

One per process, whatever the number of threads: senders wait for one another. A broken connection is opened again, for
up to `PATIENCE` s, and the message sent again: at least once. A message id has one row, but where the first commit
succeeded, its reply was lost, and the message is through already, it runs once more.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg2

from postgres_queue.connection import Session, is_disconnect
from postgres_queue.encoding import Message, encode
from postgres_queue.errors import QueueUnavailable, UnstorableMessage
from postgres_queue.logs import describe

#: Time for which a broken connection is tried again (s), and the wait between two tries.
PATIENCE, PAUSE = 10.0, 0.2


class Sender:
    """The connection for enqueueing outside of anybody's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def send(self, messages: Sequence[Message]) -> None:
        """Enqueue all or none. Raises UnstorableMessage at once, QueueUnavailable after `PATIENCE` s."""
        if not messages:
            return
        values = parameters(messages)
        deadline = time.monotonic() + PATIENCE
        with self._lock:
            self._after_fork()
            while not self._sent(values, last_try=time.monotonic() > deadline):
                time.sleep(PAUSE)

    def _sent(self, values: dict[str, Any], *, last_try: bool) -> bool:
        try:
            self._session.run("enqueue", **values)
        except psycopg2.DataError:
            raise UnstorableMessage("Postgres cannot store an argument of the message") from None
        except psycopg2.Error as error:
            if last_try or not is_disconnect(error):
                raise QueueUnavailable(f"the queue did not take the message ({describe(error)})") from None
            return False
        return True

    def close(self) -> None:
        with self._lock:
            self._after_fork()
            self._session.close()

    def _after_fork(self) -> None:
        if self._pid != os.getpid():
            self._session.abandon()
            self._pid = os.getpid()


def parameters(messages: Sequence[Message]) -> dict[str, Any]:
    """The arrays of the statement `enqueue`. Of several messages with one id, the last counts."""
    unique = {message.message_id: message for message in messages}
    return {
        "ids": list(unique),
        "queues": [message.queue_name for message in unique.values()],
        "messages": [encode(message) for message in unique.values()],
    }
