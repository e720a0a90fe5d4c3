"""Clients that leave: in the queue, while their model loads, and while an answer goes out at full speed."""

import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from modelserver.testing import ScriptedServer
from tests.modelserver.callers import a_caller, ask


@pytest.mark.parametrize("fault", [{"name": "repeat", "ending": "never"}, "slot_leak"])
def test_an_endless_answer_at_full_speed_ends_with_its_client(server: ScriptedServer, fault: Any) -> None:
    server.rules([{"match": {"times": 1}, "action": {"tokens": ["wort "] * 200_000, "fault": fault}}])
    with a_caller(server) as connection:
        assert connection.recv(100_000)
    counts = server.wait(ended=1)
    assert counts["in_flight"] == 0
    assert server.requests()[0]["ended"] is not None


def test_an_answer_at_full_speed_does_not_keep_others_from_theirs(
    server: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    server.config(num_parallel=2)
    server.rules([{"match": {"times": 1}, "action": {"fault": {"name": "repeat", "ending": "never"}}}])
    with a_caller(server) as connection:
        reading = background.submit(_read_all, connection)
        assert ask(server).json()["done"] is True
        connection.shutdown(socket.SHUT_RDWR)
        reading.result(5)


def test_who_leaves_the_queue_of_pending_loads_keeps_its_place_and_is_skipped_in_silence(
    server: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    server.config(load_seconds=60, max_queue=2)
    with a_caller(server):
        with a_caller(server, model="scripted-vision"):
            pass
        server.wait(ended=1)
        patient = background.submit(ask, server)
        server.wait(received=3)
        assert server.state()["pending"] == 2
        assert ask(server).status_code == 503
        server.config(load_seconds=0)
    assert patient.result(5).status_code == 200
    assert "scripted-vision" not in [name for name, model in server.state()["models"].items() if model["loads"]]


def test_a_client_that_is_less_patient_than_the_load_makes_it_begin_again_each_time(server: ScriptedServer) -> None:
    server.config(load_seconds=60)
    for _ in range(3):
        with a_caller(server):
            pass
    server.wait(ended=3)
    server.config(load_seconds=0)
    assert ask(server).status_code == 200
    assert server.state()["models"]["scripted-text"]["loads"] == 4


def test_behind_a_wedge_nobody_is_answered_loaded_or_given_a_slot(server: ScriptedServer) -> None:
    server.rules([{"match": {"times": 1}, "action": {"fault": "wedge"}}])
    with a_caller(server) as connection:
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        assert server.state()["models"]["scripted-text"]["loads"] == 0
        assert ask(server).status_code == 200
    server.wait(ended=2)


def _read_all(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while connection.recv(1_000_000):
            pass
