"""A message rang: run one attempt at its unit, with the tools of this process.

The message is kept for as long as the database cannot be told how the attempt went: it then comes again. Everything
else that can go wrong is a verdict on the unit, and the message has done its duty.
"""

from __future__ import annotations

import threading
from functools import cache, partial

from dramatiq.middleware import CurrentMessage

from broker import on_stop
from postgres_queue import Redeliver
from submissions import attempt, worker
from submissions.errors import DatabaseUnready, Interrupted, StoreAway
from submissions.steps import Tools
from submissions.store.work import Unit

#: Seconds until a message comes again that found the database away.
COME_AGAIN = 2.0

_building = threading.Lock()


def answer(unit: Unit, cached_text_md: str | None = None) -> None:
    """Run the attempt that the current message rang for."""
    message = CurrentMessage.get_current_message()
    assert message is not None, "actors are called by a worker"
    try:
        attempt.run(_tools(), unit, message.message_id, cached_text_md)
    except (StoreAway, DatabaseUnready):
        raise Redeliver(COME_AGAIN, "store_away") from None


def _tools() -> Tools:
    """Built at the first message, so that a producer that only imports the actors stays as it was."""
    with _building:
        return _tools_once()


@cache
def _tools_once() -> Tools:
    tools = worker.build_tools()
    # A model call does not end by itself when the process is asked to stop.
    on_stop(partial(tools.model_server.stop, Interrupted))
    return tools
