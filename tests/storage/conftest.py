"""The three kinds of storage, each with a file in it that somebody else put there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from submissions.settings import Settings
from submissions.storage import Storage, open_storage
from tests.storage.s3_server import REGION, S3Server
from tests.storage.web_server import WebServer


@dataclass(frozen=True)
class Place:
    """A storage as settings name it. `store(key, content)` puts a file there past our code."""

    settings: Settings
    store: Callable[[str, bytes], None]

    @property
    def storage(self) -> Storage:
        return open_storage(self.settings)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def authority_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture(scope="session")
def web_server(authority: trustme.CA) -> Iterator[WebServer]:
    with WebServer(authority) as server:
        yield server


def s3_settings(server: S3Server, **others: str) -> Settings:
    values = {
        "storage_url": f"s3://{server.bucket}/of the school",
        "storage_s3_endpoint": server.endpoint,
        "storage_s3_region": REGION,
        "storage_s3_access_key_id": server.key_id,
        "storage_s3_secret_access_key": server.secret,
    }
    return Settings(**{**values, **others})


@pytest.fixture(params=["folder", "s3", "web"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    if request.param == "s3":
        s3: S3Server = request.getfixturevalue("s3_server")
        return Place(s3_settings(s3), lambda key, content: s3.store(f"of the school/{key}", content))
    if request.param == "web":
        web: WebServer = request.getfixturevalue("web_server")
        monkeypatch.setenv("SSL_CERT_FILE", str(request.getfixturevalue("authority_file")))
        return Place(Settings(storage_url=web.url, storage_token=web.token), web.store)

    def store(key: str, content: bytes) -> None:
        (tmp_path / "a folder" / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a folder" / key).write_bytes(content)

    store("of somebody else", b"")
    return Place(Settings(storage_url=(tmp_path / "a folder").as_uri()), store)
