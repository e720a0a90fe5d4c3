"""STORAGE_* that would silently mean something else than they say is refused, in one line that says what to write."""

from __future__ import annotations

from typing import Any

import pytest

from submissions.errors import SettingsRefused
from submissions.settings import Settings
from submissions.storage import open_storage

S3 = {"storage_url": "s3://bucket", "storage_s3_access_key_id": "id", "storage_s3_secret_access_key": "secret"}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"storage_url": "file://srv/homework"}, "STORAGE_URL: .* write file:/srv/homework$"),
        ({"storage_url": "file:/srv/class#1"}, "STORAGE_URL: .* %23"),
        ({"storage_url": "file:/srv/really?"}, "STORAGE_URL: .* %3F"),
        ({**S3, "storage_url": "s3://bucket/class#1"}, "STORAGE_URL: .* %23"),
        ({**S3, "storage_url": "s3://key:hunter2@bucket"}, "STORAGE_URL: .* without user"),
        ({**S3, "storage_s3_endpoint": "https://key:hunter2@host"}, "STORAGE_S3_ENDPOINT: .* without user"),
        ({**S3, "storage_s3_endpoint": "https://host/?x=hunter2"}, "STORAGE_S3_ENDPOINT: .* without user"),
        ({"storage_url": "https://schüler.example/x"}, "STORAGE_URL: .*xn--"),
        ({"storage_url": "https://host/größe"}, "STORAGE_URL: .* percent-encoded"),
        ({"storage_url": "https://host/a b"}, "STORAGE_URL: .* percent-encoded"),
        ({"storage_url": "https://host/x", "storage_token": "hunter2\n"}, "STORAGE_TOKEN: "),
        ({"storage_url": "https://host/x", "storage_token": "hunter2ü"}, "STORAGE_TOKEN: "),
    ],
)
def test_what_would_silently_mean_something_else_is_refused(values: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsRefused, match=told) as refusal:
        open_storage(Settings(**values))
    assert "\n" not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["file:/srv/a", "file:///srv/a", "file://localhost/srv/a", "file:a/b", "https://host/a%20b"]
)
def test_what_means_what_it_says_is_not(url: str) -> None:
    open_storage(Settings(storage_url=url))
