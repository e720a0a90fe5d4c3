"""What happens when a circuit opens or closes. One breaker per worker process, thread-safe.

Open: the queues whose stage needs it are paused, so that no unit is claimed only to be snoozed, and a watch begins;
what is in hand is refused without asking. Closed: the queues are resumed, and all threads go on.
Caveat: the queue of Vision holds the opening of documents, too, which needs no model; it waits with the pages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from submissions.breaker.circuit import Circuit
from submissions.breaker.circuits import Circuits
from submissions.breaker.probe import Probe, tiny
from submissions.breaker.watch import SLOWEST, Watch
from submissions.errors import Fault, Interrupted, ModelAway, ServerFault, SetupFault, Withdrawn
from submissions.events import emit
from submissions.lifecycle import Stage
from submissions.model_server import ModelServer, Request
from submissions.notices import Notices
from submissions.settings import Settings


class Queues(Protocol):
    """The queues of this process, by name."""

    def pause(self, queue_name: str) -> None: ...

    def resume(self, queue_name: str) -> None: ...


class Breaker:
    """`give_up(stage, fault)` fails what has waited too long; it is called now and then while a circuit is open."""

    def __init__(
        self, settings: Settings, server: ModelServer, queues: Queues, give_up: Callable[[Stage, Fault], None]
    ) -> None:
        self._probe_seconds = settings.worker_probe_seconds
        self._server = server
        self._queues = queues
        self._give_up = give_up
        self._circuits = Circuits(settings)
        self._watches: dict[Circuit, Watch] = {}
        self._notices = Notices()
        self._lock = threading.RLock()
        self._stop = threading.Event()

    @contextmanager
    def asking(self, request: Request, submission: Hashable) -> Iterator[None]:
        """Ask the model server in here. Raises the fault, without asking, while it or the model is away."""
        self._refuse(request.model)
        try:
            yield
        except (Interrupted, Withdrawn):
            raise  # nothing was learnt
        except Fault as fault:
            self._failed(request, fault, submission)
            raise
        self._answered(request.model)

    def stop(self) -> None:
        """The process stops: nobody looks any more."""
        self._stop.set()

    def _refuse(self, model: str) -> None:
        with self._lock:
            cause = next((each.cause for each in self._circuits.needed_for(model) if each.cause), None)
        if cause is not None:
            # A new fault: an exception is not for two threads. One that counts must not, for it was not asked.
            raise cause.into(ModelAway if isinstance(cause, ServerFault) else type(cause))

    def _answered(self, model: str) -> None:
        with self._lock:
            for circuit in self._circuits.needed_for(model):
                self._back(circuit)
                circuit.answered()

    def _failed(self, request: Request, fault: Fault, submission: Hashable) -> None:
        circuit = self._circuits.blamed(request.model, fault)
        if circuit is None:
            self._answered(request.model)
            if isinstance(fault, SetupFault):
                self._notices.tell(request.model, fault)
            return
        with self._lock:
            if circuit.failed(fault, submission):
                self._away(circuit, tiny(request), fault)

    def _away(self, circuit: Circuit, request: Request, cause: Fault) -> None:
        """The circuit has opened; `request` is what a look asks."""
        emit("circuit.opened", concerns=circuit.concerns, reason=cause.reason)
        self._pause_and_resume()
        self._notices.tell(circuit.concerns, cause)
        watch = self._watches[circuit] = Watch(
            Probe(self._server, request),
            self._probe_seconds,
            cause,
            on_away=partial(self._still_away, circuit, request),
            on_back=partial(self._back, circuit),
        )
        first = self._probe_seconds * min(2 ** (circuit.openings - 1), SLOWEST)
        threading.Thread(
            target=watch.run,
            args=(first, lambda: self._watches.get(circuit) is not watch, self._stop),
            name="model-server-watch",
            daemon=True,
        ).start()

    def _back(self, circuit: Circuit) -> None:
        with self._lock:
            if circuit.is_open:
                self._notices.back(circuit.concerns, circuit.seconds_open)
                circuit.close()
                del self._watches[circuit]
                self._pause_and_resume()

    def _still_away(self, circuit: Circuit, request: Request, fault: Fault) -> None:
        """A look found it away; units that waited too long fail with what this look found."""
        with self._lock:
            if not circuit.is_open:
                return
            to_blame = self._circuits.blamed(request.model, fault) or circuit
            if circuit is self._circuits.server and to_blame is not circuit:
                # The server is back, and this model is not: others may go on.
                if not to_blame.is_open:
                    to_blame.open(fault)
                    self._away(to_blame, request, fault)
                self._back(circuit)
                return
            circuit.cause = fault
        self._notices.tell(circuit.concerns, fault)
        for stage in self._circuits.stages_of(circuit):
            self._give_up(stage, fault)

    def _pause_and_resume(self) -> None:
        for stage in Stage:
            change = self._queues.pause if self._circuits.paused(stage) else self._queues.resume
            change(stage.value)
