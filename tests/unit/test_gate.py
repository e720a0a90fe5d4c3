"""The gate of a worker process: ordinary units share it, a suspect has it alone, nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from submissions.gate import Gate, GateClosed
from tests.waiting import until

PATIENCE = 10.0


class Visitor:
    """Somebody who goes in through an entrance and stays until he is sent out."""

    def __init__(self, pool: ThreadPoolExecutor, entrance: Callable[[], AbstractContextManager[None]]) -> None:
        self.inside, self._leave = threading.Event(), threading.Event()
        self.visit: Future[None] = pool.submit(self._go, entrance)

    def _go(self, entrance: Callable[[], AbstractContextManager[None]]) -> None:
        with entrance():
            self.inside.set()
            assert self._leave.wait(PATIENCE)

    def comes_in(self) -> Visitor:
        assert self.inside.wait(PATIENCE)
        return self

    def leaves(self) -> None:
        self._leave.set()
        self.visit.result(PATIENCE)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def waits(gate: Gate) -> None:
    """Until a suspect stands at the gate."""
    until(lambda: gate.suspects_waiting, "a suspect that waits")


def test_ordinary_units_run_beside_each_other(pool: ThreadPoolExecutor) -> None:
    gate = Gate()
    visitors = [Visitor(pool, gate.shared).comes_in() for _ in range(3)]
    for visitor in visitors:
        visitor.leaves()


def test_a_suspect_waits_until_all_have_left_and_goes_before_newcomers(pool: ThreadPoolExecutor) -> None:
    gate = Gate()
    first = Visitor(pool, gate.shared).comes_in()
    suspect = Visitor(pool, gate.alone)
    waits(gate)
    newcomer = Visitor(pool, gate.shared)
    first.leaves()
    suspect.comes_in()
    assert not newcomer.inside.is_set()
    suspect.leaves()
    newcomer.comes_in().leaves()


def test_suspects_run_one_after_the_other_and_then_everybody_again(pool: ThreadPoolExecutor) -> None:
    gate = Gate()
    together, most = [0], [0]
    lock = threading.Lock()

    def alone() -> None:
        with gate.alone():
            with lock:
                together[0] += 1
                most[0] = max(most[0], together[0])
            with lock:
                together[0] -= 1

    for visit in [pool.submit(alone) for _ in range(50)]:
        visit.result(PATIENCE)
    assert most == [1]
    Visitor(pool, gate.shared).comes_in().leaves()


def test_a_run_that_fails_leaves_the_gate_open(pool: ThreadPoolExecutor) -> None:
    gate = Gate()
    for entrance in (gate.alone, gate.shared):
        with pytest.raises(ValueError, match="as it goes"), entrance():
            raise ValueError("as it goes")
    Visitor(pool, gate.alone).comes_in().leaves()
    Visitor(pool, gate.shared).comes_in().leaves()


def test_a_stop_ends_every_wait_and_lets_those_inside_finish(pool: ThreadPoolExecutor) -> None:
    gate = Gate()
    inside = Visitor(pool, gate.shared).comes_in()
    waiting = [Visitor(pool, gate.alone)]
    waits(gate)
    waiting += [Visitor(pool, gate.alone), Visitor(pool, gate.shared)]
    gate.close()
    for visitor in (*waiting, Visitor(pool, gate.shared)):
        with pytest.raises(GateClosed):
            visitor.visit.result(PATIENCE)
    inside.leaves()
