"""From settings to a storage."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from submissions.errors import SettingsRefused
from submissions.settings import Settings
from submissions.storage import hosts
from submissions.storage.base import Storage
from submissions.storage.exchange import Exchanges, host_port_of
from submissions.storage.folder import FolderStorage
from submissions.storage.s3 import Bucket, S3Storage, signer_of
from submissions.storage.web import WebStorage


def open_storage(settings: Settings) -> Storage:
    """The storage that STORAGE_URL names; nothing is asked of it yet. Raises SettingsRefused."""
    url = settings.storage_url
    parts = urlsplit(url)
    if parts.scheme in {"file", "s3"} and ("?" in url or "#" in url):
        raise SettingsRefused("STORAGE_URL: in the name of a folder, ? is written %3F and # is written %23")
    if parts.scheme == "file":
        return _folder(parts)
    if parts.scheme == "s3":
        return _bucket(settings, parts.netloc, unquote(parts.path).strip("/"))
    _check_web_address("STORAGE_URL", url)
    if not (settings.storage_token.isascii() and settings.storage_token.isprintable()):
        raise SettingsRefused("STORAGE_TOKEN: it has a line break or a letter that no header can hold")
    return WebStorage(parts.geturl(), settings.storage_token, _exchanges(settings, url))


def _folder(parts: SplitResult) -> Storage:
    if parts.netloc not in {"", "localhost"}:
        meant = parts.netloc.rpartition("@")[2] + parts.path
        raise SettingsRefused(
            f"STORAGE_URL: what follows file:// is a host, and a folder has none: write file:/{meant}"
        )
    return FolderStorage(Path(unquote(parts.path)))


def _bucket(settings: Settings, name: str, folder: str) -> Storage:
    region = settings.storage_s3_region
    endpoint = settings.storage_s3_endpoint.rstrip("/") or f"https://s3.{region}.amazonaws.com"
    key_id, secret = settings.storage_s3_access_key_id, settings.storage_s3_secret_access_key
    if "@" in name:
        raise SettingsRefused("STORAGE_URL: s3://bucket without user is needed; its keys are STORAGE_S3_*")
    if not (name and key_id and secret):
        raise SettingsRefused(
            "STORAGE_URL: for s3://bucket, STORAGE_S3_ACCESS_KEY_ID and STORAGE_S3_SECRET_ACCESS_KEY are needed"
        )
    _check_web_address("STORAGE_S3_ENDPOINT", endpoint)
    bucket = Bucket(urlsplit(endpoint).geturl(), region, name, folder + "/" if folder else "")
    return S3Storage(bucket, signer_of(region, key_id, secret), _exchanges(settings, endpoint))


def _check_web_address(setting: str, url: str) -> None:
    parts = urlsplit(url)
    if "?" in url or "#" in url or "@" in parts.netloc or not parts.hostname:
        raise SettingsRefused(f"{setting}: a web address without user, query and fragment is needed")
    if not url.isascii() or " " in url or not url.isprintable():
        raise SettingsRefused(f"{setting}: a host is written in ASCII (xn--…), and its path percent-encoded")


def _exchanges(settings: Settings, own_url: str) -> Exchanges:
    try:
        own = host_port_of(own_url)
    except ValueError:
        raise SettingsRefused("STORAGE_URL or STORAGE_S3_ENDPOINT: the port is not a number from 1 to 65535") from None
    return Exchanges(hosts.Hosts(own, hosts.listed(settings.storage_allowed_hosts)), settings.storage_seconds)
