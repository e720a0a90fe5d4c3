"""dramatiq-pg's PostgresBroker with a consumer that never lets a thread idle and never loses a message.

Producers: `send()`, `enqueue`, `enqueue_many`, and `enqueue_in` for the caller's own transaction. Delay and priority
(`send_with_options(delay=…, priority=…)`, lower first, default the actor's) stand in the message itself.
Workers: one claim per free thread, in order; see dispatcher, keeper, stop.
Caveat: retries are the actors' business (`Redeliver`); Dramatiq's Retries middleware would enqueue a running message,
which changes nothing, and then see it acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import dramatiq_pg
from dramatiq import Worker
from dramatiq.middleware import CurrentMessage, Middleware, Retries
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class in all but its spelling

from postgres_queue import signals, threads
from postgres_queue.connection import Session, Target
from postgres_queue.consumer import QueueConsumer
from postgres_queue.encoding import Message, delayed, prioritized
from postgres_queue.errors import QueueUnready
from postgres_queue.hooks import QueueHooks
from postgres_queue.logs import describe, quieten, refuse
from postgres_queue.process import Options, QueueProcess
from postgres_queue.sender import Sender, parameters
from postgres_queue.statements import STATEMENTS
from postgres_queue.stop import Stop

#: Exit code of a worker whose queue cannot be used as configured; Dramatiq's own for "no connection".
EXIT_UNREADY = 3

#: Where an operator sets `direct_url`.
DIRECT_VARIABLE = "LEARNING_DIRECT_DATABASE_URL"


class PostgresQueueBroker(dramatiq_pg.PostgresBroker):  # type: ignore[misc] # dramatiq-pg has no types
    """The broker. Building it opens no connection and cannot fail.

    url: the queue's database. role: speak as this role where the login is another.
    direct_url: the same database without the transaction-pooling PgBouncer that `url` leads through.
    listen: false for polling only, where there is such a PgBouncer and no direct URL.
    poll_seconds: longest time between two looks at the queue.
    shutdown_seconds: from the request to stop to the end of the process.
    keep_rejected_days: how long rejected messages are kept.
    """

    def __init__(
        self,
        url: str,
        *,
        role: str | None = None,
        direct_url: str = "",
        listen: bool = True,
        poll_seconds: float = 5.0,
        shutdown_seconds: float = 20.0,
        keep_rejected_days: int = 30,
        middleware: Iterable[Middleware] = (),
    ) -> None:
        pooled = bool(direct_url) or not listen
        target = Target(url, role, pooled=pooled)
        straight = Target(direct_url, role, variable=DIRECT_VARIABLE) if direct_url else target
        direct = straight if listen else None
        self._options = Options(target, direct, poll_seconds, keep_rejected_days)
        self._stop = Stop(shutdown_seconds)
        self._sender = Sender(Session(target, "sender"))
        self._process: QueueProcess | None = None
        quieten("dramatiq.worker.WorkerThread", "dramatiq.worker.Worker", "dramatiq.broker.PostgresQueueBroker")
        # The sender stands where stock keeps its pool, which would connect 16 times.
        super().__init__(pool=self._sender, results=False, middleware=[QueueHooks(self), CurrentMessage(), *middleware])

    # Producers.

    def enqueue(self, message: Message, *, delay: int | None = None) -> Message:
        """Enqueue now, in a transaction of its own; `delay` in ms. Raises UnstorableMessage, QueueUnavailable."""
        return self.enqueue_many([message], delay=delay)[0]

    def enqueue_many(self, messages: Iterable[Message], *, delay: int | None = None) -> list[Message]:
        """Enqueue all or none, in one statement and in this order."""
        return self._enqueue(messages, delay, self._sender.send)

    def enqueue_in(self, cursor: Cursor, message: Message, *, delay: int | None = None) -> Message:
        """Enqueue in the caller's transaction: the message is there if and only if that commits.

        Raises UnstorableMessage before it touches the transaction; psycopg2's errors as they come.
        """

        def insert(messages: list[Message]) -> None:
            cursor.execute(STATEMENTS["enqueue"], parameters(messages))

        return self._enqueue([message], delay, insert)[0]

    def _enqueue(
        self, messages: Iterable[Message], delay: int | None, insert: Callable[[list[Message]], None]
    ) -> list[Message]:
        ready = [prioritized(delayed(message, delay), self.actors.get(message.actor_name)) for message in messages]
        for message in ready:
            self.emit_before("enqueue", message, delay)
        insert(ready)
        for message in ready:
            self.emit_after("enqueue", message, delay)
        return ready

    # Declarations.

    def declare_queue(self, queue_name: str) -> None:
        """Idempotent. There is no delay queue to declare: delays wait in the table."""
        if queue_name not in self.queues:
            quieten(f"dramatiq.worker.ConsumerThread({queue_name})")
            self.emit_before("declare_queue", queue_name)
            self.queues[queue_name] = True
            self.emit_after("declare_queue", queue_name)

    def add_middleware(
        self, middleware: Middleware, *, before: type[Middleware] | None = None, after: type[Middleware] | None = None
    ) -> None:
        """As Dramatiq's, without Retries: see this module's caveat."""
        if isinstance(middleware, Retries):
            raise ValueError("the Retries middleware does not work with this broker: raise postgres_queue.Redeliver")
        super().add_middleware(middleware, before=before, after=after)

    # Workers.

    @property
    def stopping(self) -> bool:
        """Whether this worker process was asked to stop."""
        return self._stop.stopping

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Run `callback` once, as soon as this process is asked to stop, after those that were named before it."""
        self._stop.on_stop(callback)

    def pause(self, queue_name: str) -> None:
        """Let this worker process claim nothing from a queue until `resume`; messages in hand go on."""
        if self._process is not None:
            self._process.dispatcher.pause(queue_name)

    def resume(self, queue_name: str) -> None:
        """End a pause: free threads get their messages at once."""
        if self._process is not None:
            self._process.dispatcher.resume(queue_name)

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 30000) -> QueueConsumer:
        """For Dramatiq's worker. `prefetch` is without effect: only a free thread gets a message."""
        if self._process is None:
            raise QueueUnready("consume() belongs to a Dramatiq worker: it boots the queue first")
        return QueueConsumer(self._process.dispatcher, queue_name, timeout)

    def boot_worker(self, worker: Worker) -> None:
        """Begin the queue's part of this worker process; leave the process with one line if that is impossible."""
        signals.take_over(self.request_stop)
        signals.die_with_parent()
        queues = sorted(self.queues.keys() & (worker.consumer_whitelist or self.queues.keys()))
        process = QueueProcess(self, self._options, self._stop, threads=worker.worker_threads, queues=queues)
        threads.watch(
            lambda: [*process.threads, *worker.workers, *worker.consumers.values()], on_death=self._stop.break_off
        )
        try:
            process.boot()
        except Exception as problem:  # noqa: BLE001 - Dramatiq would go on without a queue
            refuse(str(problem) if isinstance(problem, QueueUnready) else describe(problem))
            raise SystemExit(EXIT_UNREADY) from None
        self._process = process

    def open_worker(self) -> None:
        """The process has booted: claims begin."""
        if self._process is not None:
            self._process.open()

    def request_stop(self, why: str) -> None:
        """Stop this worker process; the first request counts."""
        self._stop.request(why)

    def finish_worker(self) -> None:
        """Dramatiq's threads have ended."""
        if self._process is not None:
            self._process.finish()
            self._process = None

    def close(self) -> None:
        """Close the connection that messages are sent on; it opens again when needed."""
        self._sender.close()
