"""A message rang: run one attempt at its unit, at the workplace of this process.

The message is kept for as long as the database cannot be told how the attempt went: it then comes again. Everything
else that can go wrong is a verdict on the unit, and the message has done its duty.
"""

from __future__ import annotations

import threading
from functools import cache, partial

from dramatiq.middleware import CurrentMessage

from broker import broker, on_stop
from postgres_queue import Redeliver
from submissions import attempt, worker
from submissions.attempt import Workplace
from submissions.errors import DatabaseUnready, Interrupted, StoreAway
from submissions.gate import GateClosed
from submissions.notices import tell_unready
from submissions.store.work import Unit

#: Seconds until a message comes again that found the database away.
COME_AGAIN = 2.0

_building = threading.Lock()


def answer(unit: Unit, cached_text_md: str | None = None) -> None:
    """Run the attempt that the current message rang for."""
    message = CurrentMessage.get_current_message()
    assert message is not None, "actors are called by a worker"
    try:
        attempt.run(workplace(), unit, message.message_id, cached_text_md)
    except StoreAway:
        raise Redeliver(COME_AGAIN, "store_away") from None
    except DatabaseUnready as problem:
        tell_unready(problem)
        raise Redeliver(COME_AGAIN, "database_unready") from None
    except GateClosed:
        raise Redeliver(0, "worker_stopping") from None


def workplace() -> Workplace:
    """The workplace of this process, built when it is first asked for: a producer that imports the actors has none."""
    with _building:
        return _workplace_once()


@cache
def _workplace_once() -> Workplace:
    place = worker.build_workplace(broker)
    on_stop(place.tools.breaker.stop)
    # Neither a model call nor a wait at the gate ends by itself when the process is asked to stop.
    on_stop(partial(place.model_server.stop, Interrupted))
    on_stop(place.gate.close)
    return place
