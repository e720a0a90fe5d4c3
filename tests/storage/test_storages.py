"""What holds of every storage: a folder, an S3 service and a web server."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from submissions.document_cache import DocumentCache
from submissions.errors import FileMissing
from submissions.store.work import StoredFile
from tests.storage.conftest import Place

CONTENT = bytes(range(256)) * 1000


def new_key(name: str = "page 1 – größer.jpg") -> str:
    return f"submissions/{uuid4()}/{name}"


def test_what_was_put_is_fetched(place: Place, tmp_path: Path) -> None:
    key = new_key()
    place.storage.put(key, CONTENT)
    place.storage.fetch(key, tmp_path / "file", len(CONTENT))
    assert (tmp_path / "file").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "name", ["a.pdf", "a b+c&d=e?f#g%20h.pdf", "größe „Mia“ 1.pdf", "~user_1-x.pdf", "a:b@c.pdf", "👩‍👧 1.jpg"]
)
def test_what_another_client_put_is_fetched_whatever_its_name(place: Place, tmp_path: Path, name: str) -> None:
    key = new_key(name)
    place.store(key, CONTENT)
    place.storage.fetch(key, tmp_path / "file", len(CONTENT))
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_file_is_replaced(place: Place, tmp_path: Path) -> None:
    key = new_key()
    place.storage.put(key, b"before")
    place.storage.put(key, b"after")
    place.storage.fetch(key, tmp_path / "file", 10)
    assert (tmp_path / "file").read_bytes() == b"after"


def test_a_file_that_was_deleted_is_missing_and_may_be_deleted_again(place: Place, tmp_path: Path) -> None:
    key = new_key()
    place.storage.put(key, CONTENT)
    for _ in range(2):
        place.storage.delete(key)
    with pytest.raises(FileMissing) as fault:
        place.storage.fetch(key, tmp_path / "file", len(CONTENT))
    assert fault.value.reason == "file_missing"


def test_a_file_that_was_never_there_is_missing(place: Place, tmp_path: Path) -> None:
    with pytest.raises(FileMissing) as fault:
        place.storage.fetch(new_key(), tmp_path / "file", 10)
    assert fault.value.reason == "file_missing"


def test_no_more_is_fetched_than_was_handed_in(place: Place, tmp_path: Path) -> None:
    key = new_key()
    place.store(key, CONTENT)
    with pytest.raises(FileMissing) as fault:
        place.storage.fetch(key, tmp_path / "file", len(CONTENT) - 1)
    assert fault.value.reason == "file_changed"


@pytest.mark.parametrize(
    "key",
    [
        "../secret",
        "a/../../secret",
        "a/./secret",
        "a//secret",
        "/secret",
        "secret/",
        ".",
        "",
        "%2e%2e/secret",
        "a/%2E./secret",
        "a/..%2f..%2fsecret",
        "..\\secret",
        "secret\x00",
        "secret\n",
        "s" * 1025,
        "http://127.0.0.1/secret",
        "file:///secret",
    ],
)
def test_no_key_leads_out_of_the_storage(place: Place, tmp_path: Path, key: str) -> None:
    acts = (
        lambda: place.storage.fetch(key, tmp_path / "out", 100),
        lambda: place.storage.put(key, b"x"),
        lambda: place.storage.delete(key),
    )
    for act in acts:
        with pytest.raises(FileMissing) as fault:
            act()
        assert fault.value.reason == "bad_key"
        assert "secret" not in fault.value.message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sha256": "0" * 64}, "file_changed"),
        ({"size_bytes": len(CONTENT) - 1}, "file_changed"),
        ({"size_bytes": len(CONTENT) + 1}, "file_changed"),
        ({"storage_key": "none"}, "file_missing"),
    ],
)
def test_a_file_that_is_not_the_one_handed_in_is_not_used(
    place: Place, tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    key = new_key()
    place.store(key, CONTENT)
    file = StoredFile(1, key, "application/pdf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    cache = DocumentCache(str(tmp_path / "cache"), place.storage)

    assert cache.path_of(uuid4(), file).read_bytes() == CONTENT
    other = uuid4()
    with pytest.raises(FileMissing) as fault:
        cache.path_of(other, replace(file, **change))
    assert fault.value.reason == reason
    assert [path.suffix for path in (tmp_path / "cache").glob(f"{other}*")] == [".lock"]
