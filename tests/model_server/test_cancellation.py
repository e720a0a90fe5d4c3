"""A call is ended from another thread, whatever it waits for, and no other call notices."""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from modelserver.testing import ScriptedServer
from submissions.errors import Interrupted, Withdrawn
from submissions.model_server import ModelServer
from tests.model_server.asking import a_request
from tests.model_server.conftest import settings_for
from tests.model_server.deaf import deaf_address, is_connecting_to
from tests.model_server.in_background import Asked
from tests.model_server.raw_server import RawServer


def until(condition: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < ends_at, "this never came about"
        threading.Event().wait(0.005)


def test_while_it_waits_for_the_first_byte(
    model_server: ModelServer, script: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    script.hold()
    asked = Asked(background, model_server)
    script.wait(held=1)
    asked.call.cancel(Withdrawn())
    asked.ends_at_once_with(Withdrawn)
    script.wait(ended=1)
    assert script.requests()[0]["outcome"] == "aborted by client"


def test_in_the_middle_of_an_answer(
    model_server: ModelServer, script: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    script.rules([{"action": {"text": "one two three", "fault": {"name": "stall", "after": 2}}}])
    asked = Asked(background, model_server)
    assert asked.began.wait(5)
    asked.call.cancel(Withdrawn())
    asked.ends_at_once_with(Withdrawn)


def test_while_it_connects(background: ThreadPoolExecutor) -> None:
    with deaf_address() as url:
        asked = Asked(background, ModelServer(settings_for(url)))
        until(lambda: is_connecting_to(url))
        asked.call.cancel(Withdrawn())
        asked.ends_at_once_with(Withdrawn)


def test_while_tls_is_negotiated(background: ThreadPoolExecutor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asked = Asked(background, ModelServer(settings_for(f"https://127.0.0.1:{listener.getsockname()[1]}")))
        peer, _ = listener.accept()
        with peer:
            assert peer.recv(1)
            asked.call.cancel(Withdrawn())
            asked.ends_at_once_with(Withdrawn)


def test_while_it_sends(background: ThreadPoolExecutor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ModelServer(settings_for(f"http://127.0.0.1:{listener.getsockname()[1]}"))
        asked = Asked(background, server, model="x" * 8_000_000)
        peer, _ = listener.accept()
        with peer:
            assert peer.recv(1)
            asked.call.cancel(Withdrawn())
            asked.ends_at_once_with(Withdrawn)


def test_while_it_asks_what_the_model_can_do(background: ThreadPoolExecutor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asked = Asked(background, ModelServer(settings_for(f"http://127.0.0.1:{listener.getsockname()[1]}")))
        peer, _ = listener.accept()
        with peer:
            asked.call.cancel(Withdrawn())
            asked.ends_at_once_with(Withdrawn)


def test_before_it_asked_anything(model_server: ModelServer, script: ScriptedServer) -> None:
    with model_server.call() as call:
        call.cancel(Withdrawn())
        with pytest.raises(Withdrawn):
            call.ask(a_request())
    assert script.requests() == []


def test_one_of_two_calls_is_cancelled_and_the_other_completes(
    model_server: ModelServer, script: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    script.config(num_parallel=2)
    script.hold()
    one, other = Asked(background, model_server), Asked(background, model_server)
    script.wait(held=2)
    one.call.cancel(Withdrawn())
    one.ends_at_once_with(Withdrawn)
    script.release()
    assert other.result.result(5).done_reason == "stop"


def test_the_first_of_two_reasons_counts(
    model_server: ModelServer, script: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    script.hold()
    asked = Asked(background, model_server)
    script.wait(held=1)
    asked.call.cancel(Withdrawn())
    asked.call.cancel(Interrupted())
    asked.ends_at_once_with(Withdrawn)


def test_all_calls_are_ended_at_once_each_with_its_own_fault_and_later_ones_go_on(
    model_server: ModelServer, script: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    script.config(num_parallel=2)
    script.hold()
    both = [Asked(background, model_server), Asked(background, model_server)]
    script.wait(held=2)
    model_server.cancel_all(Interrupted)
    for asked in both:
        asked.ends_at_once_with(Interrupted)
    assert both[0].result.exception() is not both[1].result.exception()
    script.release()
    assert not model_server.stopped
    assert model_server.ask(a_request()).text


def test_after_a_stop_nothing_connects_any_more(
    model_server: ModelServer, script: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    script.hold()
    asked = Asked(background, model_server)
    script.wait(held=1)
    model_server.stop(Interrupted)
    asked.ends_at_once_with(Interrupted)
    with RawServer() as raw:
        stopped = ModelServer(settings_for(raw.url))
        stopped.stop(Interrupted)
        assert stopped.stopped
        with pytest.raises(Interrupted):
            stopped.ask(a_request())
        with pytest.raises(Interrupted):
            stopped.models()
    assert raw.requests == []


def test_cancelling_after_the_end_changes_nothing(model_server: ModelServer) -> None:
    with model_server.call() as call:
        answer = call.ask(a_request())
        call.cancel(Withdrawn())
    assert answer.done_reason == "stop"
    assert model_server.ask(a_request()) is not None
