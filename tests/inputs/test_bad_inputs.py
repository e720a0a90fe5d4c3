"""Every bad input, through one process that does what a worker does: each ends as it must, and the process lives on."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from submissions.documents.errors import Reason
from tests.inputs import images, other_files, pdfs
from tests.inputs.case import Case
from tests.inputs.strange import STRANGE
from tests.inputs.through_one_worker import SETTINGS

MEBIBYTE = 1024 * 1024
BAD = (*other_files.CASES, *images.CASES, *pdfs.CASES)


@dataclass(frozen=True)
class Told:
    """What the process said: how each input ended, by its name, and bytes."""

    ends: dict[str, list[str]]
    grown: int
    child: int


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("inputs")
    for name, content in [*((case.name, case.content) for case in BAD), *STRANGE.items()]:
        (folder / name).write_bytes(content())
    program = [sys.executable, "-m", "tests.inputs.through_one_worker", str(folder)]
    done = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True)
    return Told(**json.loads(done.stdout))


def test_there_are_enough_of_them() -> None:
    assert len({case.name for case in BAD}) == len(BAD) >= 60
    of_the_opener = {Reason.OPENER_DIED, Reason.OPENER_TIMEOUT, Reason.OPENER_GARBLED}
    # A wrong type or a missing page is an error of who asks; test_bad_documents has them.
    assert {case.reason for case in BAD} == set(Reason) - of_the_opener - {Reason.WRONG_TYPE, Reason.PAGE_MISSING}


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_a_bad_input_ends_for_its_reason(told: Told, case: Case) -> None:
    assert told.ends[case.name] == [case.reason, case.error_code, "InputFault"]


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_input_is_survived(told: Told, name: str) -> None:
    assert told.ends[name] == []


def test_the_worker_stays_small(told: Told) -> None:
    assert told.grown < 100 * MEBIBYTE


def test_the_child_stays_below_its_limit(told: Told) -> None:
    assert told.child < SETTINGS.opener_memory_mib * MEBIBYTE


def test_an_input_is_the_same_at_every_call() -> None:
    for case in BAD:
        if case.reason not in {Reason.TOO_MUCH_MEMORY, Reason.TOO_MANY_PIXELS}:  # those take seconds to make
            assert case.content() == case.content(), case.name
