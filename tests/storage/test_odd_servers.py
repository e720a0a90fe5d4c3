"""What a storage over the network may do instead of answering; each with its verdict, and none without an end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from submissions.errors import Fault, FileMissing, StorageAway, StorageUnfit
from submissions.settings import Settings
from submissions.storage import Storage, open_storage, wire
from submissions.verdict import Outcome
from tests.storage.odd_server import OddServer, Serve, deaf, drips, falls_silent, never_ends, says

CONTENT = b"%PDF-1.7 content"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n"
LONG = "storage.example/elsewhere"


def storage_at(kind: str, url: str, seconds: float = 1.0) -> Storage:
    """A storage whose requests may take a second."""
    if kind == "web":
        return open_storage(Settings(storage_url=url, storage_token="token", storage_seconds=seconds))
    return open_storage(
        Settings(
            storage_url="s3://bucket",
            storage_s3_endpoint=url,
            storage_s3_access_key_id="id",
            storage_s3_secret_access_key="secret",
            storage_seconds=seconds,
        )
    )


def met(storage: Storage, target: Path) -> Fault:
    with pytest.raises(Fault) as fault:
        storage.fetch("a/b.pdf", target, len(CONTENT))
    return fault.value


@pytest.fixture(params=["s3", "web"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("serve", "fault", "reason"),
    [
        (falls_silent(), StorageAway, "storage_slow"),
        (falls_silent(HEAD), StorageAway, "storage_slow"),
        (falls_silent(HEAD + b"\r\n%PDF"), StorageAway, "storage_slow"),
        (drips(b"HTTP/1.1 200 OK\r\nX-Long: "), StorageAway, "storage_slow"),
        (drips(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"), StorageAway, "storage_slow"),
        (drips(b"HTTP/1.1 500 Broken\r\n\r\n"), StorageAway, "storage_slow"),
        (never_ends(b"HTTP/1.1 200 OK\r\n\r\n"), FileMissing, "file_changed"),
        (never_ends(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n"), FileMissing, "file_changed"),
        (never_ends(b"HTTP/1.1 404 Missing\r\n\r\n"), FileMissing, "file_missing"),
        (says("200 OK", "Content-Length: 16", body=b"%PDF"), StorageAway, "storage_away"),
        (lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH\r\n"), StorageAway, "storage_away"),
        (lambda *_: None, StorageAway, "storage_away"),
        (says("301 Moved", "Location: http://127.0.0.1:1/"), StorageUnfit, "storage_redirects"),
        (says("302 Found", "Location: /login"), StorageUnfit, "storage_redirects"),
        (says("307 Elsewhere", f"Location: https://{LONG}"), StorageUnfit, "storage_redirects"),
        (says("304 Same"), StorageUnfit, "storage_redirects"),
        (says("401 Who"), StorageUnfit, "storage_refused"),
        (says("403 No"), StorageUnfit, "storage_refused"),
        (says("405 Not so"), StorageUnfit, "storage_odd_answer"),
        (says("404 Missing"), FileMissing, "file_missing"),
        (says("410 Gone"), FileMissing, "file_missing"),
        (says("429 Later"), StorageAway, "storage_away"),
        (says("500 Broken"), StorageAway, "storage_away"),
        (says("503 Busy"), StorageAway, "storage_away"),
    ],
)
def test_each_oddity_has_its_verdict(tmp_path: Path, kind: str, serve: Serve, fault: type[Fault], reason: str) -> None:
    with OddServer(serve) as server:
        started = time.monotonic()
        problem = met(storage_at(kind, server.url), tmp_path / "file")
        took = time.monotonic() - started

    assert (type(problem), problem.reason) == (fault, reason)
    assert took < 5  # a second is allowed; the rest is for a loaded machine
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed_anywhere(tmp_path: Path, kind: str) -> None:
    with (
        OddServer(says("200 OK", body=CONTENT)) as other,
        OddServer(says("302 Found", f"Location: {other.url}/")) as server,
    ):
        met(storage_at(kind, server.url), tmp_path / "file")

    assert other.requests == []


def test_nobody_listening_is_waited_for(tmp_path: Path, kind: str) -> None:
    with OddServer(says("200 OK")) as server:
        pass
    problem = met(storage_at(kind, server.url), tmp_path / "file")

    assert (problem.reason, problem.outcome) == ("storage_away", Outcome.SNOOZE)


def test_what_is_missing_counts_as_an_attempt(tmp_path: Path, kind: str) -> None:
    with OddServer(says("404 Missing")) as server:
        assert met(storage_at(kind, server.url), tmp_path / "file").outcome is Outcome.RETRY


def test_a_bucket_that_is_missing_is_told_from_a_file_that_is(tmp_path: Path) -> None:
    body = b"<?xml version='1.0'?><Error><Code>NoSuchBucket</Code></Error>"
    with OddServer(says("404 Missing", body=body)) as server:
        assert met(storage_at("s3", server.url), tmp_path / "file").reason == "storage_bucket_missing"


def test_supabase_says_400_where_there_is_no_file(tmp_path: Path) -> None:
    body = b'{"statusCode":"404","error":"not_found","message":"Object not found"}'
    with OddServer(says("400 Bad Request", body=body)) as server:
        assert met(storage_at("web", server.url), tmp_path / "file").reason == "file_missing"
        assert met(storage_at("s3", server.url), tmp_path / "file").reason == "storage_odd_answer"


def test_a_scheme_in_capitals_is_one(tmp_path: Path, kind: str) -> None:
    with OddServer(says("200 OK", body=CONTENT)) as server:
        storage_at(kind, server.url.upper()).fetch("a/b.pdf", tmp_path / "file", len(CONTENT))

    assert (tmp_path / "file").read_bytes() == CONTENT


def names_lead(monkeypatch: pytest.MonkeyPatch, addresses: Callable[[], list[str]]) -> None:
    """Let every name lead to these addresses; an address leads to itself, as ever."""
    resolve = socket.getaddrinfo

    def lead(host: str, port: int, *others: Any, **named: Any) -> Any:
        found = [host] if host[0].isdigit() else addresses()
        return [each for address in found for each in resolve(address, port, *others, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", lead)


def test_a_name_that_nobody_resolves_in_time_is_slow_too(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested = threading.Event()

    def nothing() -> list[str]:
        tested.wait(30)
        raise socket.gaierror

    names_lead(monkeypatch, nothing)
    try:
        problem = met(storage_at(kind, "http://storage.example"), tmp_path / "file")
    finally:
        tested.set()

    assert (problem.reason, problem.outcome) == ("storage_slow", Outcome.SNOOZE)


def test_an_address_that_does_not_answer_leads_to_the_next(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "PATIENCE", 0.3)
    with OddServer(says("200 OK", body=CONTENT)) as server, deaf(server.port) as address:
        names_lead(monkeypatch, lambda: [address, "127.0.0.1"])
        storage = storage_at(kind, f"http://storage.example:{server.port}", seconds=30)
        storage.fetch("a/b.pdf", tmp_path / "file", len(CONTENT))

    assert (tmp_path / "file").read_bytes() == CONTENT
