"""The cache of documents: nothing half, each document fetched once; and what is the folder's own."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from uuid import uuid4

import pytest

from submissions.document_cache import DocumentCache
from submissions.errors import FileMissing, StorageAway
from submissions.settings import Settings
from submissions.storage import FolderStorage, open_storage
from submissions.store.work import StoredFile

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
