"""A bucket of an S3-compatible service: AWS, Supabase Storage, MinIO, R2.

STORAGE_URL is s3://bucket or s3://bucket/folder; settings STORAGE_S3_*. The bucket stands in the path, which all of
them understand. Requests are signed by botocore and sent by us, under the bounds of every other storage: botocore's
own client reads the environment and cannot be held to a deadline.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from submissions.errors import FileMissing
from submissions.storage import keys
from submissions.storage.exchange import Asking, Exchanges

if TYPE_CHECKING:
    from botocore.auth import S3SigV4Auth


@dataclass(frozen=True, slots=True)
class Bucket:
    """`endpoint` without a slash at its end; `folder` with one, or empty."""

    endpoint: str
    region: str
    name: str
    folder: str = ""


class S3Storage:
    """Keys are names below the bucket's folder."""

    def __init__(self, bucket: Bucket, signer: S3SigV4Auth, exchanges: Exchanges) -> None:
        self._base = f"{bucket.endpoint}/{quote(bucket.name, safe='')}/"
        self._folder = bucket.folder
        self._signer = signer
        self._exchanges = exchanges

    def put(self, key: str, content: bytes) -> None:
        self._exchanges.send(self._signed("PUT", key, content))

    def fetch(self, key: str, target: Path, limit_bytes: int) -> None:
        self._exchanges.download(self._signed("GET", key), target, limit_bytes)

    def delete(self, key: str) -> None:
        asking = self._signed("DELETE", key)
        try:
            self._exchanges.send(asking)
        except FileMissing:
            return  # it is gone already

    def _signed(self, method: str, key: str, content: bytes = b"") -> Asking:
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415

        url = self._base + keys.as_path(self._folder + keys.checked(key))
        request = AWSRequest(method, url, data=content)
        self._signer.add_auth(request)
        return Asking(method, url, dict(request.headers.items()), content)


def signer_of(region: str, key_id: str, secret: str) -> S3SigV4Auth:
    """What signs requests (AWS Signature Version 4). Loaded only where S3 is used: botocore takes 7 MB."""
    from botocore.auth import S3SigV4Auth  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    logging.getLogger("botocore.auth").setLevel(logging.INFO)  # below that it tells what it signs: keys
    return S3SigV4Auth(Credentials(key_id, secret), "s3", region)
