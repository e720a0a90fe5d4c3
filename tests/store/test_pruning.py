"""Retention: what is old goes, files before rows; what is not, or is taken up again, stays."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from submissions.errors import StorageAway, StorageUnfit
from submissions.notices import Notices
from submissions.prune import BATCH, Pruned, prune
from submissions.settings import Settings
from submissions.storage import FolderStorage
from submissions.store.hand_in import NewFile, withdraw
from submissions.store.spare import SpareConnection
from submissions.store.work import Unit
from tests.factories import STUDENT, TASK, complete, hand_in_files, hand_in_text, rows
from tests.store.test_rights import TABLES

KEEP_ALL = Settings()
KEEP_A_MONTH = replace(KEEP_ALL, keep_submissions_days=30)


@pytest.fixture
def spare(worker_url: str) -> Iterator[SpareConnection]:
    connection = SpareConnection(worker_url)
    yield connection
    connection.close()


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path)


def stored(storage: FolderStorage, platform_url: str, key: str) -> Unit:
    """A withdrawn submission whose file lies in the storage."""
    storage.put(key, b"x")
    unit = hand_in_files(platform_url, [NewFile(key, "image/png", 1, "0" * 64)])
    withdraw(platform_url, unit.submission_id, STUDENT)
    return unit


def aged(owner_url: str, days: int) -> None:
    """Everything ended so long ago."""
    rows(
        owner_url,
        "UPDATE learning_work SET ended_at = ended_at - make_interval(days => %s);"
        " UPDATE learning_attempts SET ended_at = ended_at - make_interval(days => %s)",
        days,
        days,
    )


def test_attempts_go_after_their_time_and_not_before(
    platform_url: str, owner_url: str, worker_url: str, spare: SpareConnection, storage: FolderStorage
) -> None:
    complete(platform_url, worker_url)
    aged(owner_url, 89)
    assert prune(spare, KEEP_ALL, storage) == Pruned(attempts=0, submissions=0)
    aged(owner_url, 2)
    complete(platform_url, worker_url)
    assert prune(spare, KEEP_ALL, storage) == Pruned(attempts=3, submissions=0)
    assert rows(owner_url, "SELECT count(*) FROM learning_attempts") == [(3,)]
    assert rows(owner_url, "SELECT count(*) FROM learning_submissions") == [(2,)]


def test_submissions_are_kept_for_ever_unless_somebody_asks_otherwise(
    platform_url: str, owner_url: str, spare: SpareConnection, storage: FolderStorage, tmp_path: Path
) -> None:
    stored(storage, platform_url, "a.png")
    aged(owner_url, 5000)
    assert prune(spare, KEEP_ALL, storage).submissions == 0
    assert (tmp_path / "a.png").exists()


def test_an_old_submission_goes_with_its_files_and_all_that_is_known_of_it(
    platform_url: str,
    owner_url: str,
    worker_url: str,
    spare: SpareConnection,
    storage: FolderStorage,
    tmp_path: Path,
) -> None:
    stored(storage, platform_url, "old.png")
    complete(platform_url, worker_url)
    rows(owner_url, "SELECT learning_discard(id, 'admin', 'old') FROM learning_submissions")
    aged(owner_url, 31)
    under_way = hand_in_text(platform_url)
    stored(storage, platform_url, "new.png")
    assert prune(spare, KEEP_A_MONTH, storage).submissions == 2
    assert [path.name for path in tmp_path.iterdir()] == ["new.png"]
    for table in (*TABLES[1:], "learning_requeues"):
        left = f"SELECT count(*) FROM {table} WHERE submission_id NOT IN (SELECT id FROM learning_submissions)"
        assert rows(owner_url, left) == [(0,)], table
    assert rows(owner_url, "SELECT count(*) FROM learning_submissions") == [(2,)]
    assert rows(owner_url, "SELECT state FROM learning_units WHERE submission_id = %s", under_way.submission_id) == [
        ("waiting",)
    ]


class Away(FolderStorage):
    """A storage that does not answer."""

    def delete(self, key: str) -> None:
        raise StorageAway("storage_away", "away")


def test_no_row_goes_before_its_files_and_nobody_takes_it_up_meanwhile(
    platform_url: str,
    owner_url: str,
    admin_url: str,
    spare: SpareConnection,
    storage: FolderStorage,
    tmp_path: Path,
) -> None:
    unit = stored(storage, platform_url, "a.png")
    aged(owner_url, 31)
    assert prune(spare, KEEP_A_MONTH, Away(tmp_path)) == Pruned(attempts=0, submissions=0, kept=1)
    assert rows(owner_url, "SELECT count(*) FROM learning_files") == [(1,)]
    assert rows(admin_url, "SELECT learning_requeue(%s, 'admin', 'too late')", unit.submission_id) == [("expired",)]
    assert prune(spare, KEEP_A_MONTH, storage).submissions == 1
    assert list(tmp_path.iterdir()) == []


def test_a_submission_that_was_requeued_is_as_young_as_that(
    platform_url: str, owner_url: str, admin_url: str, spare: SpareConnection, storage: FolderStorage
) -> None:
    unit = stored(storage, platform_url, "a.png")
    aged(owner_url, 31)
    assert rows(admin_url, "SELECT learning_requeue(%s, 'admin', 'again')", unit.submission_id) == [("requeued",)]
    assert prune(spare, KEEP_A_MONTH, storage).submissions == 0


def test_a_file_that_two_submissions_have_goes_with_the_second(
    platform_url: str, owner_url: str, spare: SpareConnection, storage: FolderStorage, tmp_path: Path
) -> None:
    stored(storage, platform_url, "shared.png")
    aged(owner_url, 31)
    stored(storage, platform_url, "shared.png")
    assert prune(spare, KEEP_A_MONTH, storage).submissions == 1
    assert (tmp_path / "shared.png").exists()
    aged(owner_url, 31)
    assert prune(spare, KEEP_A_MONTH, storage).submissions == 1
    assert not (tmp_path / "shared.png").exists()


def test_a_file_that_two_submissions_have_goes_when_both_go_at_once(
    platform_url: str, owner_url: str, spare: SpareConnection, storage: FolderStorage, tmp_path: Path
) -> None:
    for _ in range(2):
        stored(storage, platform_url, "shared.png")
    aged(owner_url, 31)
    assert prune(spare, KEEP_A_MONTH, storage).submissions == 2
    assert not (tmp_path / "shared.png").exists()


def test_a_key_that_the_storage_refuses_does_not_keep_the_rows(
    platform_url: str, owner_url: str, spare: SpareConnection, storage: FolderStorage
) -> None:
    unit = hand_in_files(platform_url, [NewFile(f"{uuid4()}", "image/png", 1, "0" * 64)], task=TASK)
    rows(owner_url, "UPDATE learning_files SET storage_key = '.'")
    withdraw(platform_url, unit.submission_id, STUDENT)
    aged(owner_url, 31)
    assert prune(spare, KEEP_A_MONTH, storage).submissions == 1


class Refusing(FolderStorage):
    """A storage that lets files go, but not those below `refused/`; remembers what it was asked."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[str] = []

    def delete(self, key: str) -> None:
        self.asked.append(key)
        if key.startswith("refused/"):
            raise StorageUnfit("storage_refused", "give us the right to delete")
        super().delete(key)


@pytest.fixture
def refusing(tmp_path: Path) -> Refusing:
    return Refusing(tmp_path)


def left(tmp_path: Path) -> list[str]:
    return sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())


def test_a_file_that_cannot_be_removed_holds_back_its_own_submission_alone(
    platform_url: str, owner_url: str, spare: SpareConnection, refusing: Refusing, tmp_path: Path
) -> None:
    stuck = stored(refusing, platform_url, "refused/a.png")
    for number in range(BATCH + 1):
        aged(owner_url, 1)
        stored(refusing, platform_url, f"{number}.png")
    aged(owner_url, 31)
    assert prune(spare, KEEP_A_MONTH, refusing) == Pruned(attempts=0, submissions=BATCH + 1, kept=1)
    assert left(tmp_path) == ["refused/a.png"]
    assert rows(owner_url, "SELECT submission_id FROM learning_files") == [(str(stuck.submission_id),)]
    assert refusing.asked.count("refused/a.png") == 1


def test_however_many_cannot_be_removed_each_of_the_others_has_its_turn(
    platform_url: str, owner_url: str, spare: SpareConnection, refusing: Refusing, tmp_path: Path
) -> None:
    for number in range(2 * BATCH):
        stored(refusing, platform_url, f"refused/{number}.png")
        aged(owner_url, 1)
    stored(refusing, platform_url, "young.png")
    aged(owner_url, 31)
    rounds = [prune(spare, KEEP_A_MONTH, refusing) for _ in range(3)]
    # A storage that lets go of nothing is not asked for everything that is old in every round.
    assert rounds == [Pruned(0, 0, BATCH), Pruned(0, 0, BATCH), Pruned(0, 1, 2 * BATCH - 1)]
    assert "young.png" not in left(tmp_path)
    assert refusing.asked.count("refused/0.png") == 2
    # Nor do those have to wait for ever that are let go later.
    assert prune(spare, KEEP_A_MONTH, FolderStorage(tmp_path)) == Pruned(0, 2 * BATCH)
    assert left(tmp_path) == []


def test_the_operator_is_told_once_what_to_mend_so_that_files_can_be_removed(
    platform_url: str,
    owner_url: str,
    spare: SpareConnection,
    refusing: Refusing,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "learning")
    for number in range(2):
        stored(refusing, platform_url, f"refused/{number}.png")
    aged(owner_url, 31)
    notices = Notices()
    for _ in range(2):
        prune(spare, KEEP_A_MONTH, refusing, notices)
    (told,) = [vars(record)["event"] for record in caplog.records if record.msg == "setup.wrong"]
    assert told == {"concerns": "storage", "reason": "storage_refused", "problem": "give us the right to delete"}
    assert "refused/" not in caplog.text


@pytest.mark.parametrize("key", ["folder", "file/below"])
def test_a_key_that_cannot_be_a_file_keeps_nothing(
    platform_url: str, owner_url: str, spare: SpareConnection, storage: FolderStorage, tmp_path: Path, key: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    unit = hand_in_files(platform_url, [NewFile(key, "image/png", 1, "0" * 64)])
    withdraw(platform_url, unit.submission_id, STUDENT)
    aged(owner_url, 31)
    assert prune(spare, KEEP_A_MONTH, storage) == Pruned(attempts=0, submissions=1)


def test_nothing_goes_while_the_folder_is_not_mounted(
    platform_url: str, owner_url: str, spare: SpareConnection, storage: FolderStorage, tmp_path: Path
) -> None:
    stored(storage, platform_url, "a.png")
    aged(owner_url, 31)
    assert prune(spare, KEEP_A_MONTH, FolderStorage(tmp_path / "not-mounted")).submissions == 0
    assert prune(spare, KEEP_A_MONTH, storage).submissions == 1
    assert left(tmp_path) == []
