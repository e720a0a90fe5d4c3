"""When a circuit opens and when it closes."""

from __future__ import annotations

import pytest

from submissions.breaker.circuit import Circuit
from submissions.errors import Fault, ModelAway, ModelUnfit, ServerAway, ServerFault, SetupFault

AWAY = ServerAway("connection_refused", "start it")


def circuit(threshold: int = 3) -> Circuit:
    return Circuit("something", threshold)


def test_it_opens_at_so_many_failures_in_a_row() -> None:
    subject = circuit()
    assert [subject.failed(AWAY, "one") for _ in range(3)] == [False, False, True]
    assert subject.cause is AWAY


def test_an_answer_between_failures_begins_the_count_anew() -> None:
    subject = circuit()
    for _ in range(2):
        subject.failed(AWAY, "one")
    subject.answered()
    assert [subject.failed(AWAY, "one") for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize("kind", [SetupFault, ModelUnfit])
def test_a_wrong_setup_opens_it_at_once_for_it_does_not_pass(kind: type[Fault]) -> None:
    assert circuit().failed(kind("model_missing", "pull it"), "one")


def test_failures_that_may_be_a_documents_doing_count_once_for_each_submission() -> None:
    subject = circuit()
    assert not any(subject.failed(ServerFault("server_error", "oops"), "one") for _ in range(10))
    assert [subject.failed(ServerFault("server_error", "oops"), name) for name in ("two", "three")] == [False, True]


def test_both_sorts_of_failures_count_together() -> None:
    subject = circuit(2)
    assert not subject.failed(ServerFault("server_error", "oops"), "one")
    assert subject.failed(ModelAway("runner_gone", "loads again"), "one")


def test_it_opens_once_however_many_threads_fail() -> None:
    subject = circuit(1)
    assert [subject.failed(AWAY, "one") for _ in range(3)] == [True, False, False]


def test_it_remembers_how_often_looks_cheered_it_until_a_unit_got_its_answer() -> None:
    subject = circuit(1)
    for _ in range(3):
        subject.failed(AWAY, "one")
        subject.close()
    assert (subject.is_open, subject.openings) == (False, 3)
    subject.answered()
    assert subject.openings == 0
