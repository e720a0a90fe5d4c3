"""Credentials go to the storage and nowhere else, and no key is told to anybody."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from submissions.errors import Fault, SettingsRefused, StorageUnfit
from submissions.settings import Settings, load
from submissions.storage import open_storage
from tests.storage.conftest import Place, s3_settings
from tests.storage.s3_server import S3Server
from tests.storage.web_server import WebServer

KEY = "submissions/mia-musterfrau.pdf"


def test_neither_a_success_nor_a_fault_tells_a_key_or_a_credential(
    place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    place.storage.put(KEY, b"content")
    place.storage.fetch(KEY, tmp_path / "file", 10)
    told = []
    for limit in (3, 10):
        with pytest.raises(Fault) as fault:
            place.storage.fetch(KEY, tmp_path / "file", limit)
        told += [repr(fault.value), fault.value.message, repr(fault.value.__cause__), repr(fault.value.__context__)]
        place.storage.delete(KEY)
    settings = place.settings
    credentials = {settings.storage_token, settings.storage_s3_secret_access_key, settings.storage_s3_access_key_id}
    for secret in {"mia-musterfrau", *credentials} - {""}:
        assert secret not in caplog.text
        assert secret not in "".join(told)


def test_a_wrong_secret_is_refused_and_work_waits(s3_server: S3Server, tmp_path: Path) -> None:
    settings = s3_settings(s3_server, storage_s3_secret_access_key="x" * 40)
    with pytest.raises(StorageUnfit) as fault:
        open_storage(settings).fetch(KEY, tmp_path / "file", 10)
    assert fault.value.reason == "storage_refused"


def test_a_bucket_that_is_not_there_is_the_operators_to_mend(s3_server: S3Server, tmp_path: Path) -> None:
    settings = s3_settings(s3_server, storage_url="s3://another")
    with pytest.raises(StorageUnfit) as fault:
        open_storage(settings).fetch(KEY, tmp_path / "file", 10)
    assert fault.value.reason == "storage_bucket_missing"


@pytest.mark.usefixtures("authority_file")
def test_a_wrong_token_is_refused_and_work_waits(
    web_server: WebServer, authority_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    with pytest.raises(StorageUnfit) as fault:
        open_storage(Settings(storage_url=web_server.url)).fetch(KEY, tmp_path / "file", 10)
    assert fault.value.reason == "storage_refused"


def test_the_secret_itself_is_never_sent(s3_server: S3Server) -> None:
    from submissions.storage.s3 import S3Storage  # noqa: PLC0415

    storage = open_storage(s3_settings(s3_server))
    assert isinstance(storage, S3Storage)
    asking = storage._signed("PUT", KEY, b"content")
    assert s3_server.secret not in repr(asking)
    assert "Signature=" in asking.headers["Authorization"]


@pytest.mark.parametrize("url", ["s3://bucket", "https://user:hunter2@host/x", "https://host/x?token=hunter2"])
def test_what_is_missing_or_misplaced_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingsRefused, match="STORAGE_URL") as refusal:
        open_storage(replace(load({}), storage_url=url))
    assert "hunter2" not in str(refusal.value)
