"""The cache of documents: nothing half, each document fetched once; and what is the folder's own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

import pytest

from submissions.document_cache import FORGOTTEN_AFTER, DocumentCache
from submissions.errors import FileMissing, StorageAway, StorageUnfit
from submissions.settings import Settings
from submissions.storage import FolderStorage, open_storage
from submissions.store.work import StoredFile
from tests.waiting import until

CONTENT = b"%PDF-1.7 content"
FILE = StoredFile(1, "a/b.pdf", "application/pdf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


class CountingStorage(FolderStorage):
    """A real folder that counts how often it is asked."""

    fetched = 0

    def fetch(self, key: str, target: Path, limit_bytes: int) -> None:
        self.fetched += 1
        super().fetch(key, target, limit_bytes)


@pytest.fixture
def storage(tmp_path: Path) -> CountingStorage:
    storage = CountingStorage(tmp_path / "storage")
    storage.put(FILE.storage_key, CONTENT)
    return storage


@pytest.fixture
def cache(tmp_path: Path, storage: CountingStorage) -> DocumentCache:
    return DocumentCache(str(tmp_path / "cache"), storage)


def test_a_document_is_fetched_once_however_many_threads_ask(cache: DocumentCache, storage: CountingStorage) -> None:
    submission = uuid4()
    threads = [threading.Thread(target=cache.path_of, args=(submission, FILE)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.path_of(submission, FILE).read_bytes() == CONTENT
    assert storage.fetched == 1


def test_a_document_is_forgotten_with_its_submission_and_no_other(
    cache: DocumentCache, storage: CountingStorage
) -> None:
    one, two = uuid4(), uuid4()
    cache.path_of(one, FILE)
    other = cache.path_of(two, FILE)
    cache.forget(one)
    assert other.exists()
    cache.path_of(one, FILE)
    assert storage.fetched == 3


def aged(*paths: Path) -> None:
    """Nobody asked for them in a long time."""
    for path in paths:
        for each in (path, path.with_suffix(".lock"), path.with_suffix(".part")):
            if each.exists():
                os.utime(each, (0, time.time() - FORGOTTEN_AFTER - 1))


def test_what_nobody_asked_for_in_a_long_time_is_swept_and_nothing_else_in_the_folder(
    cache: DocumentCache, tmp_path: Path
) -> None:
    old, young, used = (cache.path_of(uuid4(), FILE) for _ in range(3))
    (tmp_path / "cache" / "of-the-operator.pdf").write_bytes(b"x")
    (tmp_path / "cache" / f"{uuid4()}").mkdir()
    half = tmp_path / "cache" / f"{uuid4()}-1"
    half.with_suffix(".lock").touch()
    half.with_suffix(".part").touch()
    aged(old, used, half, tmp_path / "cache" / "of-the-operator.pdf", *(tmp_path / "cache").glob("????????-*"))
    os.utime(young)
    cache.path_of(UUID(used.name[:36]), FILE)
    cache.sweep()
    assert young.exists()
    assert used.exists()
    left = {path.stem for path in (tmp_path / "cache").iterdir() if path.is_file()}
    assert left == {young.name, used.name, "of-the-operator"}


def test_forgetting_touches_nothing_that_is_not_a_copy(cache: DocumentCache, tmp_path: Path) -> None:
    path = cache.path_of(uuid4(), FILE)
    stranger = tmp_path / "cache" / "homework.pdf"
    stranger.write_bytes(b"x")
    aged(stranger)
    cache.forget(UUID(path.name[:36]))
    assert [each.name for each in (tmp_path / "cache").iterdir()] == ["homework.pdf"]


def test_a_copy_that_somebody_fetches_is_not_taken_from_under_them(tmp_path: Path, storage: CountingStorage) -> None:
    submission = uuid4()

    class Forgetful(FolderStorage):
        """While it fetches, somebody else ends the submission."""

        def fetch(self, key: str, target: Path, limit_bytes: int) -> None:
            super().fetch(key, target, limit_bytes)
            DocumentCache(str(tmp_path / "cache"), storage).forget(submission)

    cache = DocumentCache(str(tmp_path / "cache"), Forgetful(tmp_path / "storage"))
    assert cache.path_of(submission, FILE).read_bytes() == CONTENT


def test_who_waits_for_a_lock_that_is_removed_gets_the_next(tmp_path: Path, storage: CountingStorage) -> None:
    submission, folder = uuid4(), str(tmp_path / "cache")
    path = DocumentCache(folder, storage).path_of(submission, FILE)
    with path.with_suffix(".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        threads = [threading.Thread(target=DocumentCache(folder, storage).path_of, args=(submission, FILE))]
        threads[0].start()
        until(lambda: waits_for(lock), "somebody waits for the lock")
        for each in (path, path.with_suffix(".lock")):
            each.unlink()
    threads[0].join()
    assert path.read_bytes() == CONTENT
    assert path.with_suffix(".lock").exists()


def waits_for(lock: IO[str]) -> bool:
    """Linux lists who waits for a lock with an arrow."""
    inode = f":{os.fstat(lock.fileno()).st_ino} "
    return any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines())


def test_a_copy_that_is_removed_before_it_is_opened_is_fetched_again_later(cache: DocumentCache) -> None:
    submission = uuid4()
    with pytest.raises(StorageAway) as fault, cache.lent(submission, FILE) as path:
        cache.forget(submission)
        path.open()
    assert fault.value.reason == "copy_gone"
    with pytest.raises(FileNotFoundError), cache.lent(submission, FILE) as path:
        (path.parent / "another").open()


@pytest.mark.parametrize("content", [b"", CONTENT[:-1] + b"!"])
def test_a_copy_that_another_process_left_is_checked_once(
    tmp_path: Path, storage: CountingStorage, content: bytes
) -> None:
    submission, folder = uuid4(), str(tmp_path / "cache")
    DocumentCache(folder, storage).path_of(submission, FILE).write_bytes(content)
    after_power_failure = DocumentCache(folder, storage)
    for _ in range(2):
        assert after_power_failure.path_of(submission, FILE).read_bytes() == CONTENT
    assert storage.fetched == 2
    assert DocumentCache(folder, storage).path_of(submission, FILE).read_bytes() == CONTENT
    assert storage.fetched == 2


@pytest.mark.parametrize("how", ["open to others", "a link", "of another user"])
def test_a_folder_that_others_may_use_is_not_used(
    tmp_path: Path, cache: DocumentCache, storage: CountingStorage, how: str
) -> None:
    folder, planted = tmp_path / "cache", uuid4()
    folder.mkdir(mode=0o700)
    (folder / f"{planted}-1").write_bytes(CONTENT)
    if how == "open to others":
        folder.chmod(0o750)
    elif how == "a link":
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to(tmp_path / "elsewhere")
    elif os.geteuid() == 0:
        os.chown(folder, 4711, -1)
    else:
        pytest.skip("only root can give a folder away")
    with pytest.raises(StorageUnfit, match="mode 700") as fault:
        cache.path_of(planted, FILE)
    assert fault.value.reason == "cache_unsafe"
    cache.forget(planted)
    cache.sweep()
    assert [each.name for each in folder.iterdir()] == [f"{planted}-1"]
    assert storage.fetched == 0


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path, cache: DocumentCache) -> None:
    submission = uuid4()
    (tmp_path / "cache").mkdir(mode=0o700)
    (tmp_path / "cache" / f"{submission}-1.lock").symlink_to(tmp_path / "made")
    with pytest.raises(StorageAway):
        cache.path_of(submission, FILE)
    assert not (tmp_path / "made").exists()


def test_a_folder_that_is_not_mounted_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(StorageAway):
        FolderStorage(tmp_path / "not-mounted").fetch("k", tmp_path / "out", 10)


def test_the_url_names_the_folder(tmp_path: Path) -> None:
    open_storage(Settings(storage_url=f"file:{tmp_path}/with%20space")).put("k", b"x")
    assert (tmp_path / "with space" / "k").read_bytes() == b"x"


def test_no_link_leads_out_of_the_folder(tmp_path: Path, storage: FolderStorage) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "storage" / "link").symlink_to(tmp_path)
    for act in (lambda: storage.fetch("link/secret", tmp_path / "out", 100), lambda: storage.put("link/secret", b"y")):
        with pytest.raises(FileMissing) as fault:
            act()
        assert fault.value.reason == "bad_key"
    assert (tmp_path / "secret").read_text() == "x"


def test_a_folder_within_the_folder_is_no_file(tmp_path: Path, storage: FolderStorage) -> None:
    with pytest.raises(FileMissing) as fault:
        storage.fetch("a", tmp_path / "out", 100)
    assert fault.value.reason == "file_missing"


@pytest.mark.parametrize("key", ["a", "a/b.pdf/c", "s" * 300, "pipe"])
def test_what_cannot_be_a_file_is_missing_and_may_be_deleted(tmp_path: Path, storage: FolderStorage, key: str) -> None:
    os.mkfifo(tmp_path / "storage" / "pipe")
    with pytest.raises(FileMissing) as fault:
        storage.fetch(key, tmp_path / "out", 100)
    assert fault.value.reason == "file_missing"
    storage.delete(key)
    assert (tmp_path / "storage" / "a" / "b.pdf").exists()


def test_links_in_a_circle_lead_nowhere(tmp_path: Path, storage: FolderStorage) -> None:
    (tmp_path / "storage" / "circle").symlink_to("circle")
    with pytest.raises(FileMissing) as fault:
        storage.fetch("circle", tmp_path / "out", 100)
    assert fault.value.reason == "bad_key"


def test_what_cannot_be_stored_leaves_nothing_behind(tmp_path: Path, storage: FolderStorage) -> None:
    with pytest.raises(StorageAway):
        storage.put("a", b"x")
    assert [path.name for path in (tmp_path / "storage").iterdir()] == ["a"]


def test_no_room_for_a_copy_is_not_told_as_a_fault_of_the_storage(tmp_path: Path, storage: FolderStorage) -> None:
    with pytest.raises(OSError, match="No space"):
        storage.fetch(FILE.storage_key, Path("/dev/full"), 100)
