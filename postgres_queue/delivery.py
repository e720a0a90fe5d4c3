"""A message as it is handed to this process, and the three ways in which a delivery ends.

Done: the row is deleted. PutBack: queued again, due later or at once. Rejected: kept for inspection with its reason. An
exception never ends as done: the delivery takes note of it itself, since Dramatiq would acknowledge the message. Nor
does it reject the message where the queue's own database is to blame.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from dramatiq.broker import Broker, MessageProxy
from dramatiq.errors import DecodeError
from dramatiq.middleware import CurrentMessage

from postgres_queue.encoding import Message, decode
from postgres_queue.errors import QueueUnavailable, Redeliver

#: When a message comes back whose actor could not enqueue another one (s).
UNAVAILABLE_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class Done:
    """The actor returned."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """The message shall run again, after so many seconds."""

    reason: str
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """The message shall not run again by itself. `reason` is a code and at most the name of an exception's class."""

    reason: str


Ending = Done | PutBack | Rejected

#: A delivery among all: message id and number.
Key = tuple[str, int]


class Delivery(MessageProxy):
    """One delivery of a message: the message's attributes, and `number`, which only grows from delivery to delivery."""

    def __init__(self, message: Message, number: int, broker: Broker) -> None:
        super().__init__(message)  # type: ignore[no-untyped-call]
        self.number = number
        self.ending: Ending = Done()
        self.ended = False
        self._broker = broker

    @property
    def key(self) -> Key:
        return self.message_id, self.number

    def stuff_exception(self, exception: BaseException) -> None:
        """Called by Dramatiq with whatever the actor or a middleware raised."""
        super().stuff_exception(exception)  # type: ignore[no-untyped-call]
        self.failed = True
        if isinstance(exception, Redeliver):
            self.ending = PutBack(exception.reason_code, exception.after_seconds)
        elif isinstance(exception, QueueUnavailable):
            self.ending = PutBack("queue_unavailable", UNAVAILABLE_PAUSE)
        else:
            self.ending = Rejected(self._reason(exception))

    def _reason(self, exception: BaseException) -> str:
        code = "bad_arguments" if isinstance(exception, TypeError) and not self._arguments_fit() else "error"
        return f"{code}: {type(exception).__name__}"

    def _arguments_fit(self) -> bool:
        """Whether the actor could have been called at all, or the message has the wrong arguments."""
        actor = self._broker.actors.get(self.actor_name)
        try:
            if actor is not None:
                inspect.signature(actor.fn).bind(*self.args, **self.kwargs)
        except TypeError:
            return False
        return True

    def __str__(self) -> str:
        """Without arguments: Dramatiq logs its messages."""
        return f"{self.actor_name}[{self.message_id}]"

    def __repr__(self) -> str:
        return f"<Delivery {self} number={self.number}>"


def delivered(broker: Broker, message_id: str, queue_name: str, number: int, text: str | None) -> Delivery:
    """The delivery of a claimed row. One that no actor can get has failed already, with the reason as its ending."""
    try:
        message = decode(text, message_id=message_id, queue_name=queue_name)
        problem = None if message.actor_name in broker.actors else "unknown_actor"
    except DecodeError:
        message, problem = Message(queue_name, "?", (), {}, {}, message_id), "invalid_message"
    delivery = Delivery(message, number, broker)
    if problem:
        delivery.failed, delivery.ending = True, Rejected(problem)
    return delivery


def current_delivery() -> Delivery | None:
    """The delivery that this thread works on; None outside an actor."""
    message: Any = CurrentMessage.get_current_message()
    return message if isinstance(message, Delivery) else None
