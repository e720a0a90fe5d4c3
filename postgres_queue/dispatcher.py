"""The one thread of a worker process that claims messages and writes endings; owns one connection.

It turns when something happened: a thread became free, a bell rang (`ring`), a delay ran out, or `poll_seconds` are
over, which is only a safety net. A turn is one statement and one commit: endings out, messages in, in
the order priority, then age, over all queues that this process serves, and never more messages than free threads.
It claims nothing while the process has no presence (others would take its messages for orphans) or is stopping.
Nothing is ever raised to Dramatiq: a turn that fails is made again on a new connection, with the same endings.
Caveat: a claim may be committed although its reply was lost; `audit` finds such rows and puts them back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

import psycopg2
from dramatiq.broker import Broker

from postgres_queue import endings
from postgres_queue.audit import Audit, claimed
from postgres_queue.connection import Session
from postgres_queue.delays import Delays
from postgres_queue.delivery import Delivery, Done, Ending, Key, PutBack, delivered
from postgres_queue.hand import Hand
from postgres_queue.look import Look
from postgres_queue.mailboxes import Mailbox, Mailboxes

#: Wait before endings are tried again whose rows somebody has locked (s).
LOCKED_PAUSE = 0.25

#: Wait before a failed turn is made again (s): first, and at most.
RETRY_FIRST, RETRY_MOST = 0.05, 0.5


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
    ) -> None:
        self._broker = broker
        self._session = session
        self._poll_seconds = poll_seconds
        self._may_claim = may_claim
        self.hand = Hand(slots)
        self.owner = 0
        self._mailboxes = Mailboxes()
        self._ended: SimpleQueue[Delivery] = SimpleQueue()
        self._unwritten: list[Delivery] = []
        self._wake = threading.Event()
        self._delays, self._audit, self._look = Delays(), Audit(), Look()
        self._next_check = 0.0
        self._closing = self._locked = False
        self.thread = threading.Thread(target=self._run, name="queue-dispatcher", daemon=True)

    # What other threads call.

    def start(self, owner: int) -> None:
        self.owner = owner
        self.thread.start()

    def serve(self, queue_name: str) -> Mailbox:
        """Claim from this queue too; its deliveries come through the mailbox."""
        mailbox = self._mailboxes.serve(queue_name)
        self._wake.set()
        return mailbox

    def leave(self, queue_name: str) -> None:
        """Claim no longer from this queue."""
        self._mailboxes.leave(queue_name)

    def pause(self, queue_name: str) -> None:
        """Claim nothing from this queue until `resume`; what is in hand goes on."""
        self._mailboxes.pause(queue_name)

    def resume(self, queue_name: str) -> None:
        """Claim from this queue again, now."""
        self._mailboxes.resume(queue_name)
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
        self._delays.changed()
        self._wake.set()

    def audit(self) -> None:
        """Compare what we hold with what the queue says, soon."""
        self._audit.want()
        self._wake.set()

    def wake_consumers(self) -> None:
        """Let Dramatiq's consumer threads see that the process stops."""
        self._mailboxes.call_all()

    def close(self, reason: str, timeout: float) -> bool:
        """Put back all that is still held, write every ending, end the thread. False if that took too long (s)."""
        for delivery in self.hand.running():
            self.end(delivery, PutBack(reason))
        self._closing = True
        self._wake.set()
        self.thread.join(timeout)
        return not self.thread.is_alive() and self._all_written()

    # The thread.

    def _run(self) -> None:
        pause = RETRY_FIRST
        while not (self._closing and self._all_written()):
            self._wait()
            try:
                self._turn()
                pause = RETRY_FIRST
            except psycopg2.Error as error:
                self._audit.broken(error)
                self._delays.changed()
                time.sleep(pause)
                pause = min(pause * 2, RETRY_MOST)
                self._wake.set()
        self._session.close()

    def _all_written(self) -> bool:
        return self._ended.empty() and not self._unwritten

    def _wait(self) -> None:
        """Until something happened, or the next check is due: however busy the process is, it is never left out."""
        patience = self._next_check - time.monotonic()
        if self._may_claim() and self.hand.free() > 0:
            patience = min(patience, self._delays.wait(), self._look.wait())
        if self._locked:
            patience = min(patience, LOCKED_PAUSE)
        self._wake.wait(max(0.0, patience))
        self._wake.clear()
        if time.monotonic() >= self._next_check:
            self._next_check = time.monotonic() + self._poll_seconds
            self._audit.want()
            self._delays.changed()
            self._look.narrow()

    def _turn(self) -> None:
        self._locked = False
        self._audit.compare(self._session, self.owner, self.hand)
        self._collect_ended()
        self._put_back_and_reject()
        if self._may_claim() and self.hand.free() > 0:
            self._delays.promote(self._session)
        self._finish_and_claim()

    def _put_back_and_reject(self) -> None:
        ended = [each for each in self._unwritten if not isinstance(each.ending, Done)]
        if ended:
            self._conclude(ended, endings.write(self._session, self.owner, ended))
            for each in ended:
                if isinstance(each.ending, PutBack) and each.ending.after > 0:
                    self._delays.expect(each.ending.after)

    def _conclude(self, ended: list[Delivery], written: set[Key]) -> None:
        """Their endings took effect, or had none; what is still ours has a row that somebody locked: again, then."""
        missing = [each for each in ended if each.key not in written]
        ours = claimed(self._session, self.owner) if missing else set()
        endings.superseded([each for each in missing if each.key not in ours])
        self._settle([each for each in ended if each.key not in ours])
        self._locked |= any(each.key in ours for each in missing)

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
        done = [each for each in self._unwritten if isinstance(each.ending, Done)]
        queues = self._mailboxes.open_queues()
        free = self.hand.free() if self._may_claim() and queues else 0
        if not done and not free:
            self._look.saw(fell_short=False)
            return
        finishing = endings.latest(done)
        look = self._look.rows(free) if free else 0
        rows = self._session.run_prepared(
            "turn",
            {"look": look, "free": free},
            owner=self.owner,
            done_ids=list(finishing),
            done_deliveries=[each.number for each in finishing.values()],
            queues=queues,
        )
        claimed_rows = [row[2:] for row in rows if row[2] is not None]
        for row in claimed_rows:
            self._hand_out(delivered(self._broker, *row))
        self._look.saw(fell_short=rows[0][1] == look and len(claimed_rows) < free)
        self._conclude(done, {finishing[message_id].key for message_id in rows[0][0] or ()})

    def _hand_out(self, delivery: Delivery) -> None:
        self.hand.take(delivery)
        if delivery.failed:
            self.end(delivery, delivery.ending)
        elif not self._mailboxes.put(delivery):
            self.end(delivery, PutBack("queue_not_served"))
