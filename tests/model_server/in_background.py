"""A call in a thread of its own, and the handle by which the test ends it."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from submissions.errors import Fault
from submissions.model_server import Answer, Call, ModelServer
from tests.model_server.asking import a_request

#: What "at once" may take on a busy machine; every deadline in these tests is a minute.
AT_ONCE = 1.0


class Asked:
    """A call that runs in the background; the test holds its handle."""

    def __init__(self, background: ThreadPoolExecutor, server: ModelServer, **request: object) -> None:
        self.began = threading.Event()
        self._handle: Future[Call] = Future()
        self.result: Future[Answer] = background.submit(self._run, server, request)

    @property
    def call(self) -> Call:
        return self._handle.result(5)

    def _run(self, server: ModelServer, request: dict[str, object]) -> Answer:
        with server.call() as call:
            self._handle.set_result(call)
            return call.ask(a_request(**request), on_token=lambda _: self.began.set())

    def ends_at_once_with(self, fault: type[Fault]) -> None:
        with pytest.raises(fault):
            self.result.result(AT_ONCE)
