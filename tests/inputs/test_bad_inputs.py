"""Every bad input, through one real worker: each ends as it must, and neither the worker nor its other work notices."""

from pathlib import Path

import pytest

from scripts.dev_postgres import DevPostgres
from submissions import opening
from submissions.documents.errors import Reason
from submissions.errors import HandInRefused, InputFault
from submissions.settings import load
from submissions.store.hand_in import submit
from tests.inputs import images, other_files, pdfs
from tests.inputs.case import Case
from tests.inputs.strange import STRANGE
from tests.inputs.through_one_worker import OPENER_MEMORY_MIB, Told, submission_of, told_of
from tests.worker.memory import MEGABYTE

BAD = (*other_files.CASES, *images.CASES, *pdfs.CASES)
#: A platform cannot hand in nothing.
HANDED_IN = tuple(case for case in BAD if case.reason is not Reason.EMPTY)


@pytest.fixture(scope="module")
def told(postgres: DevPostgres, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told_of(HANDED_IN, STRANGE, postgres, tmp_path_factory.mktemp("inputs"))


def test_there_are_enough_of_them() -> None:
    assert len({case.name for case in BAD}) == len(BAD) >= 60
    of_the_opener = {Reason.OPENER_DIED, Reason.OPENER_TIMEOUT, Reason.OPENER_GARBLED}
    # A wrong type or a missing page is an error of who asks; test_bad_documents has them.
    assert {case.reason for case in BAD} == set(Reason) - of_the_opener - {Reason.WRONG_TYPE, Reason.PAGE_MISSING}


@pytest.mark.parametrize("case", HANDED_IN, ids=lambda case: case.name)
def test_a_bad_input_fails_at_once_for_its_reason(told: Told, case: Case) -> None:
    assert told.ends[case.name] == ("failed", case.error_code, case.reason, "discard")


def test_an_empty_file_is_refused_where_it_is_handed_in_and_where_it_is_opened(
    platform_url: str, tmp_path: Path
) -> None:
    (case,) = set(BAD) - set(HANDED_IN)
    with pytest.raises(HandInRefused):
        submit(platform_url, submission_of(None, "inputs/empty", case.content()))
    (tmp_path / "empty").write_bytes(case.content())
    with pytest.raises(InputFault) as refused:
        opening.count_pages(load({}), tmp_path / "empty")
    assert (refused.value.reason, refused.value.error_code) == (case.reason, case.error_code)


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_input_is_survived(told: Told, name: str) -> None:
    assert told.ends[name] == ("completed", None, None, "done")


def test_no_model_is_asked_about_a_bad_input(told: Told) -> None:
    assert told.asked == []


def test_no_worker_process_dies_of_a_bad_input(told: Told) -> None:
    before, after = told.workers
    assert len(before) > 0 and after == before


def test_texts_among_the_bad_inputs_are_judged_while_those_are_being_opened(told: Told) -> None:
    texts, completed, beside = told.texts
    print(f"{completed} of {texts} texts completed, {beside} of them while a bad input was being opened")
    assert completed == texts > 20
    assert beside > 0


def test_the_worker_stays_small(told: Told) -> None:
    print(f"{told.grown / MEGABYTE:.1f} MB larger")
    assert told.grown < 100 * MEGABYTE


def test_the_child_stays_below_its_limit(told: Told) -> None:
    print(f"largest child {told.child / MEGABYTE:.0f} MB")
    assert told.child < OPENER_MEMORY_MIB * 1024 * 1024


def test_an_input_is_the_same_at_every_call() -> None:
    for case in BAD:
        if case.reason not in {Reason.TOO_MUCH_MEMORY, Reason.TOO_MANY_PIXELS}:  # those take seconds to make
            assert case.content() == case.content(), case.name
