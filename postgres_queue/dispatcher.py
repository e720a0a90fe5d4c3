"""The one thread of a worker process that claims messages and writes endings; owns one connection.

It turns when something happened: a thread became free, a bell rang (`ring`), a delay ran out, or nothing was heard
for `poll_seconds`, which is only a safety net. A turn is one statement and one commit: endings out, messages in, in
the order priority, then age, over all queues that this process serves, and never more messages than free threads.
It claims nothing while the process has no presence (others would take its messages for orphans) or is stopping.
Nothing is ever raised to Dramatiq: a turn that fails is made again on a new connection, with the same endings.
Caveat: a claim may be committed although its reply was lost; `audit` finds such rows and puts them back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

import psycopg2
from dramatiq.broker import Broker
from dramatiq.errors import DecodeError

from postgres_queue import endings
from postgres_queue.connection import Session
from postgres_queue.delivery import Delivery, Done, Ending, PutBack, Rejected
from postgres_queue.encoding import Message, decode
from postgres_queue.hand import Hand
from postgres_queue.logs import describe, tell
from postgres_queue.threads import watched

#: Rows that a claim looks at beyond those it wants: as many as other workers may be taking at this moment.
MARGIN = 32

#: Delayed messages that become ready in one statement.
PROMOTE_BATCH = 1000

#: Shortest time between two promotions (s): what falls due within it becomes ready together.
PROMOTE_EVERY = 0.02

#: Wait before a failed turn is made again (s): first, and at most.
RETRY_FIRST, RETRY_MOST = 0.05, 0.5

Mailbox = SimpleQueue[Delivery | None]


class Dispatcher:
    """Claims for all queues of the process, and hands out through a mailbox per queue."""

    def __init__(
        self,
        *,
        broker: Broker,
        session: Session,
        slots: int,
        poll_seconds: float,
        may_claim: Callable[[], bool],
        on_death: Callable[[str], None],
    ) -> None:
        self._broker = broker
        self._session = session
        self._poll_seconds = poll_seconds
        self._may_claim = may_claim
        self.hand = Hand(slots)
        self.owner = 0
        self._mailboxes: dict[str, Mailbox] = {}
        self._paused: set[str] = set()
        self._ended: SimpleQueue[Delivery] = SimpleQueue()
        self._unwritten: list[Delivery] = []
        self._wake = threading.Event()
        self._delays_changed = self._audit_wanted = True
        self._next_due = float("inf")
        self._closing = self._again = False
        self._broken_since = 0.0
        self._thread = watched("queue-dispatcher", self._run, on_death)

    # What other threads call.

    def start(self, owner: int) -> None:
        self.owner = owner
        self._thread.start()

    def serve(self, queue_name: str) -> Mailbox:
        """Claim from this queue too; its deliveries come through the mailbox, None is a call to look up."""
        mailbox = self._mailboxes.setdefault(queue_name, SimpleQueue())
        self._wake.set()
        return mailbox

    def leave(self, queue_name: str) -> None:
        """Claim no longer from this queue."""
        self._mailboxes.pop(queue_name, None)

    def pause(self, queue_name: str) -> None:
        """Claim nothing from this queue until `resume`; what is in hand goes on."""
        self._paused.add(queue_name)

    def resume(self, queue_name: str) -> None:
        """Claim from this queue again, now."""
        self._paused.discard(queue_name)
        self._wake.set()

    def end(self, delivery: Delivery, ending: Ending) -> None:
        """A thread is through with a delivery. Returns at once; the ending is written with the next turn."""
        if self.hand.end(delivery, ending):
            self._ended.put(delivery)
            self._wake.set()

    def ring(self) -> None:
        """There may be something to claim."""
        self._wake.set()

    def ring_delayed(self) -> None:
        """There may be a message that falls due earlier than all we know."""
        self._delays_changed = True
        self._wake.set()

    def audit(self) -> None:
        """Compare what we hold with what the queue says, soon."""
        self._audit_wanted = True
        self._wake.set()

    def wake_consumers(self) -> None:
        for mailbox in list(self._mailboxes.values()):
            mailbox.put(None)

    def close(self, reason: str, timeout: float) -> bool:
        """Put back all that is still held, write every ending, end the thread. False if that took too long (s)."""
        for delivery in self.hand.running():
            self.end(delivery, PutBack(reason))
        self._closing = True
        self._wake.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # The thread.

    def _run(self) -> None:
        pause = RETRY_FIRST
        while not (self._closing and self._all_written()):
            self._wait()
            try:
                self._turn()
                pause = RETRY_FIRST
            except psycopg2.Error as error:
                self._lost_connection(error)
                time.sleep(pause)
                pause = min(pause * 2, RETRY_MOST)
                self._wake.set()
        self._session.close()

    def _all_written(self) -> bool:
        return self._ended.empty() and not self._unwritten

    def _wait(self) -> None:
        patience = self._poll_seconds
        if self._may_claim() and self.hand.free() > 0:
            patience = max(0.0, min(patience, self._next_due - time.monotonic()))
        if not self._again and not self._wake.wait(patience) and patience == self._poll_seconds:
            self._audit_wanted = self._delays_changed = True
        self._wake.clear()

    def _turn(self) -> None:
        if not self._session.is_open or self._audit_wanted:
            self._compare()
        self._collect_ended()
        endings.write(self._session, self.owner, self._unwritten)
        self._settle([each for each in self._unwritten if not isinstance(each.ending, Done)])
        if self._may_claim() and self.hand.free() > 0:
            self._promote()
        self._finish_and_claim()

    def _collect_ended(self) -> None:
        while True:
            try:
                self._unwritten.append(self._ended.get_nowait())
            except Empty:
                return

    def _settle(self, written: list[Delivery]) -> None:
        self.hand.settled(written)
        gone = {id(each) for each in written}
        self._unwritten = [each for each in self._unwritten if id(each) not in gone]

    def _finish_and_claim(self) -> None:
        done = self._unwritten
        queues = [name for name in list(self._mailboxes) if name not in self._paused]
        free = self.hand.free() if self._may_claim() and queues else 0
        self._again = False
        if not done and not free:
            return
        look = free + MARGIN if free else 0
        rows = self._session.run_prepared(
            "turn",
            {"look": look, "free": free},
            owner=self.owner,
            done_ids=[each.message_id for each in done],
            done_deliveries=[each.number for each in done],
            queues=queues,
        )
        finished, seen = rows[0][0], rows[0][1]
        endings.superseded(done, [(message_id,) for message_id in finished or ()])
        self._settle(done)
        claimed = [row[2:] for row in rows if row[2] is not None]
        for row in claimed:
            self._hand_out(*row)
        self._again = seen == look and len(claimed) < free

    def _hand_out(self, message_id: str, queue_name: str, number: int, text: str | None) -> None:
        try:
            message = decode(text, message_id=message_id, queue_name=queue_name)
            problem = None if message.actor_name in self._broker.actors else "unknown_actor"
        except DecodeError:
            message = Message(queue_name, "?", (), {}, {}, message_id)
            problem = "invalid_message"
        delivery = Delivery(message, number, self._broker)
        self.hand.take(delivery)
        mailbox = self._mailboxes.get(queue_name)
        if problem:
            self.end(delivery, Rejected(problem))
        elif mailbox is None:
            self.end(delivery, PutBack("queue_not_served"))
        else:
            mailbox.put(delivery)

    def _promote(self) -> None:
        """Make ready what is due, and learn when the next delay runs out."""
        while self._delays_changed or time.monotonic() >= self._next_due:
            self._delays_changed = False
            ((count, seconds, _),) = self._session.run("promote", batch=PROMOTE_BATCH)
            wait = float("inf") if seconds is None else max(PROMOTE_EVERY, seconds)
            self._next_due = time.monotonic() + (0.0 if count == PROMOTE_BATCH else wait)

    def _compare(self) -> None:
        """Find rows that are ours and that we do not hold, and deliveries that are no longer ours."""
        self._audit_wanted = False
        ours = {(str(row[0]), int(row[1])) for row in self._session.run("held", owner=self.owner)}
        held = {(each.message_id, each.number): each for each in self.hand.held()}
        strays = [key for key in ours if key not in held]
        if strays:
            self._session.run(
                "put_back",
                owner=self.owner,
                ids=[key[0] for key in strays],
                deliveries=[key[1] for key in strays],
                afters=[0.0] * len(strays),
                reasons=["reply_lost"] * len(strays),
            )
        self._tell_about_comparison(kept=len(ours) - len(strays), lost=len(held.keys() - ours), strays=len(strays))

    def _tell_about_comparison(self, *, kept: int, lost: int, strays: int) -> None:
        if self._broken_since:
            away = round(time.monotonic() - self._broken_since, 3)
            self._broken_since = 0.0
            tell(logging.WARNING, "queue.reconnected", seconds=away, still_ours=kept, lost=lost, put_back=strays)
        elif lost or strays:
            tell(logging.WARNING, "queue.audited", still_ours=kept, lost=lost, put_back=strays)

    def _lost_connection(self, error: psycopg2.Error) -> None:
        self._audit_wanted = self._delays_changed = True
        if not self._broken_since:
            self._broken_since = time.monotonic()
            tell(logging.WARNING, "queue.disconnected", connection="dispatcher", error=describe(error))
