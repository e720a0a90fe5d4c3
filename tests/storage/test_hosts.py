"""Whom a storage may be fetched from, over a real connection and by the rule itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from submissions.errors import Fault, SettingsRefused
from submissions.settings import Settings
from submissions.storage import open_storage
from submissions.storage.hosts import Hosts, listed
from tests.storage.web_server import WebServer

CONTENT = b"%PDF-1.7 content"
OF_THIS_HOST_OR_SCHOOL = ["127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "::1", "fd00::1", "::ffff:10.1.2.3"]
OF_NOBODY = [
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.1",
    "224.0.0.1",
    "::",
    "fe80::1%eth0",
    "ff02::1",
    "fec0::1",
    "4000::1",
]
#: 10.0.0.5 as addresses of IPv6 hold it: IPv4-compatible, NAT64 (of everybody and of one network), 6to4, Teredo.
BEHIND_A_GATEWAY = ["::a00:5", "64:ff9b::a00:5", "64:ff9b:1::a00:5", "2002:a00:5::1", "2001:0:4136:e378::f5ff:fffa"]


@pytest.fixture
def other(authority: trustme.CA) -> Iterator[WebServer]:
    """A second server, where anybody may fetch."""
    with WebServer(authority, open_to_all=True) as server:
        server.store("a.pdf", CONTENT)
        yield server


@pytest.fixture(autouse=True)
def trusted(authority_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))


def fetched(own: WebServer, key: str, target: Path, allowed: str = "") -> bytes:
    settings = Settings(storage_url=own.url, storage_token=own.token, storage_allowed_hosts=allowed)
    open_storage(settings).fetch(key, target, 1000)
    return target.read_bytes()


def reason_of(own: WebServer, key: str, target: Path, allowed: str = "") -> str:
    with pytest.raises(Fault) as fault:
        fetched(own, key, target, allowed)
    return fault.value.reason


def test_a_key_may_be_the_whole_address_of_a_file_on_the_storages_own_host(
    web_server: WebServer, tmp_path: Path
) -> None:
    web_server.store("b.pdf", CONTENT)

    assert fetched(web_server, f"{web_server.url}/b.pdf", tmp_path / "file") == CONTENT


def test_the_address_of_a_file_is_understood_however_it_is_written(web_server: WebServer, tmp_path: Path) -> None:
    web_server.store("größe 1.pdf", CONTENT)
    key = f"{web_server.url.replace('localhost', 'LOCALHOST')}/gr%c3%b6%C3%9Fe%201.pdf"

    assert fetched(web_server, key, tmp_path / "file") == CONTENT


@pytest.mark.parametrize(
    "path",
    [
        "/rest/v1/any?x=y",
        "/rest/a.pdf",
        "/files",
        "/files/",
        "/filesystem/a.pdf",
        "/files/a.pdf?x=y",
        "/files/a.pdf?",
        "/files/a.pdf#",
        "/files/a%2Fb.pdf",
        "/files%2Fa.pdf",
        "/files/%2E%2E/rest/a.pdf",
        "/files/%252E%252E/rest/a.pdf",
        "/files/..%2Frest/a.pdf",
        "/files/..%252Frest/a.pdf",
        "/files/.%2e/rest/a.pdf",
        "/FILES/a.pdf",
    ],
)
def test_no_address_on_the_storages_own_host_leads_out_of_it(web_server: WebServer, tmp_path: Path, path: str) -> None:
    own = f"https://localhost:{web_server.port}"
    web_server.files[path] = web_server.files[path.partition("?")[0]] = CONTENT
    before = len(web_server.asked)

    assert reason_of(web_server, own + path, tmp_path / "file") == "bad_key"
    with pytest.raises(Fault):
        open_storage(Settings(storage_url=web_server.url, storage_token=web_server.token)).delete(own + path)
    assert len(web_server.asked) == before


def test_an_address_on_an_own_host_without_tls_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="leads out"):
        open_storage(Settings(storage_url="http://127.0.0.1:1/files")).fetch("https://127.0.0.1:1/files/a", tmp_path, 9)


def test_a_file_that_is_named_by_its_whole_address_is_only_read(web_server: WebServer, other: WebServer) -> None:
    web_server.store("kept.pdf", CONTENT)
    allowed = f"localhost:{other.port}, 127.0.0.1:{other.port}, [::1]:{other.port}"
    storage = open_storage(
        Settings(storage_url=web_server.url, storage_token=web_server.token, storage_allowed_hosts=allowed)
    )
    before = len(web_server.asked)

    for key in (f"{web_server.url}/kept.pdf", f"{other.url}/a.pdf", "https://stranger.example/a.pdf"):
        storage.delete(key)
        with pytest.raises(Fault, match="leads out"):
            storage.put(key, b"x")
    assert len(web_server.asked) == before
    assert other.asked == []


def test_another_host_is_not_even_asked(web_server: WebServer, other: WebServer, tmp_path: Path) -> None:
    assert reason_of(web_server, f"{other.url}/a.pdf", tmp_path / "file") == "untrusted_host"
    assert other.asked == []


def test_a_listed_name_that_leads_to_a_private_address_is_not_asked(
    web_server: WebServer, other: WebServer, tmp_path: Path
) -> None:
    allowed = f"localhost:{other.port}"

    assert reason_of(web_server, f"{other.url}/a.pdf", tmp_path / "file", allowed) == "untrusted_host"
    assert other.asked == []


def test_a_listed_host_is_asked_if_its_private_address_is_listed_too_and_gets_no_token(
    web_server: WebServer, other: WebServer, tmp_path: Path
) -> None:
    addresses = f"127.0.0.1:{other.port}, [::1]:{other.port}"
    key = f"{other.url}/a.pdf?signature=1%2F2"

    other.files["/files/a.pdf?signature=1/2"] = CONTENT
    assert fetched(web_server, key, tmp_path / "file", f"localhost:{other.port}, {addresses}") == CONTENT
    ((path, headers),) = other.asked
    assert path.endswith("?signature=1%2F2")
    assert not {"authorization", "apikey"} & {name.lower() for name in headers}


def test_a_listed_host_that_refuses_has_the_file_no_more(
    web_server: WebServer, other: WebServer, tmp_path: Path
) -> None:
    """A signed address that has run out gets this: our credentials are not in question, so waiting mends nothing."""
    allowed = f"localhost:{other.port}, 127.0.0.1:{other.port}, [::1]:{other.port}"
    other.open_to_all = False

    assert reason_of(web_server, f"{other.url}/a.pdf?signature=old", tmp_path / "file", allowed) == "file_refused"


def test_a_listed_host_is_not_asked_at_another_port(web_server: WebServer, other: WebServer, tmp_path: Path) -> None:
    allowed = f"localhost:{other.port + 1}, 127.0.0.1:{other.port}"

    assert reason_of(web_server, f"{other.url}/a.pdf", tmp_path / "file", allowed) == "untrusted_host"


@pytest.mark.parametrize(
    "key",
    [
        "http://localhost:{port}/files/a.pdf",
        "https://user:password@localhost:{port}/files/a.pdf",
        "https://localhost:{port}/files/../a.pdf",
        "https://localhost:{port}/files/%2e%2e/a.pdf",
        "https://localhost:{port}/files/a.pdf#part",
        "https://localhost:{port}/files\\a.pdf",
        "https://localhost:{port}/files/ä.pdf",
        "https://localhost:{port}/files/a b.pdf",
        "https://localhost:99999/files/a.pdf",
        "https:///files/a.pdf",
        "https://[::1/files/a.pdf",
        "ftp://localhost:{port}/files/a.pdf",
    ],
)
def test_an_address_with_something_odd_in_it_is_no_key(web_server: WebServer, tmp_path: Path, key: str) -> None:
    before = len(web_server.asked)

    assert reason_of(web_server, key.replace("{port}", str(web_server.port)), tmp_path / "file") == "bad_key"
    assert len(web_server.asked) == before


def test_a_server_with_a_certificate_of_nobody_gets_no_token(tmp_path: Path) -> None:
    with WebServer(trustme.CA()) as stranger:
        assert reason_of(stranger, "a.pdf", tmp_path / "file") == "storage_certificate"
    assert stranger.asked == []


def test_a_server_with_the_certificate_of_another_host_gets_no_token(authority: trustme.CA, tmp_path: Path) -> None:
    with WebServer(authority, "files.school.example") as stranger:
        stranger.url = stranger.url.replace("files.school.example", "localhost")
        assert reason_of(stranger, "a.pdf", tmp_path / "file") == "storage_certificate"
    assert stranger.asked == []


@pytest.mark.parametrize("address", [*OF_THIS_HOST_OR_SCHOOL, *OF_NOBODY, *BEHIND_A_GATEWAY])
def test_a_private_address_is_for_the_storages_own_host_and_for_what_lists_it(address: str) -> None:
    own, host = ("own.example", 443), ("listed.example", 443)

    Hosts(own, frozenset({host})).check_address(*own, address, encrypted=False)
    Hosts(own, frozenset({host, (address, 443)})).check_address(*host, address, encrypted=True)
    with pytest.raises(Fault, match="private address"):
        Hosts(own, frozenset({host})).check_address(*host, address, encrypted=True)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        "64:ff9b::5db8:d70e",
        "2002:5db8:d70e::1",
    ],
)
def test_a_public_address_is_spoken_to_over_tls_alone(address: str) -> None:
    own, host = ("own.example", 80), ("listed.example", 443)
    hosts = Hosts(own, frozenset({host}))

    hosts.check_address(*own, address, encrypted=True)
    hosts.check_address(*host, address, encrypted=True)
    with pytest.raises(Fault, match="write https:"):
        hosts.check_address(*own, address, encrypted=False)


def test_another_host_is_spoken_to_over_tls_alone() -> None:
    host = ("listed.example", 443)

    Hosts(("own.example", 443), frozenset({host})).check_host(*host, encrypted=True)
    with pytest.raises(Fault):
        Hosts(("own.example", 443), frozenset({host})).check_host(*host, encrypted=False)


def test_hosts_are_listed_with_their_ports() -> None:
    assert listed(" Files.School.example:443, 10.0.0.5:9000 ,[::1]:80,") == {
        ("files.school.example", 443),
        ("10.0.0.5", 9000),
        ("::1", 80),
    }


@pytest.mark.parametrize("text", ["host", "host:", ":443", "host:0", "host:65536", "::1:80", "https://host:443", "a:b"])
def test_what_is_no_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(SettingsRefused, match="STORAGE_ALLOWED_HOSTS"):
        open_storage(Settings(storage_url="https://own.example/", storage_allowed_hosts=text))
