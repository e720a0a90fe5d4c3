"""The storage folder and the cache of documents: nothing outside, nothing half, each document fetched once."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from submissions.document_cache import DocumentCache
from submissions.errors import FileMissing, StorageAway
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


def test_the_url_names_the_folder(tmp_path: Path) -> None:
    open_storage(f"file:{tmp_path}/with%20space").put("k", b"x")
    assert (tmp_path / "with space" / "k").read_bytes() == b"x"


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "a/../../secret", ".", "", "link/secret"])
def test_no_key_leads_out_of_the_storage(tmp_path: Path, storage: FolderStorage, key: str) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "storage" / "link").symlink_to(tmp_path)
    for act in (lambda: storage.fetch(key, tmp_path / "out", 100), lambda: storage.put(key, b"x")):
        with pytest.raises(FileMissing) as fault:
            act()
        assert fault.value.reason == "bad_key"
        assert "secret" not in fault.value.message


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


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sha256": "0" * 64}, "file_changed"),
        ({"size_bytes": 3}, "file_changed"),
        ({"size_bytes": 300}, "file_changed"),
        ({"storage_key": "none"}, "file_missing"),
        ({"storage_key": "a"}, "file_missing"),
    ],
)
def test_a_file_that_is_not_the_one_handed_in_is_not_used(
    tmp_path: Path, cache: DocumentCache, change: dict[str, object], reason: str
) -> None:
    with pytest.raises(FileMissing) as fault:
        cache.path_of(uuid4(), replace(FILE, **change))
    assert fault.value.reason == reason
    assert not [path for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"]


def test_a_folder_that_is_not_mounted_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(StorageAway):
        FolderStorage(tmp_path / "not-mounted").fetch("k", tmp_path / "out", 10)
