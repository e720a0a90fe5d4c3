"""An S3 service in a process of its own (moto's server), which checks signatures as AWS does."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from typing import Any, Self

from botocore.session import Session

from tests.waiting import until

REGION = "eu-central-1"


class S3Server:
    """Knows one bucket, and one user who may do anything in it. Use as a context manager."""

    bucket = "homework"

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self.key_id = self.secret = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _prepare(self) -> None:
        until(self._answers, "the S3 server answers", timeout=60)
        self._client("s3", "any", "any").create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self._make_user()
        self._check_signatures()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def store(self, key: str, content: bytes) -> None:
        """Store a file as another client does."""
        self._client("s3", self.key_id, self.secret).put_object(Bucket=self.bucket, Key=key, Body=content)

    def _make_user(self) -> None:
        iam = self._client("iam", "any", "any")
        iam.create_user(UserName="worker")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        iam.put_user_policy(UserName="worker", PolicyName="all", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="worker")["AccessKey"]
        self.key_id, self.secret = key["AccessKeyId"], key["SecretAccessKey"]

    def _client(self, service: str, key_id: str, secret: str) -> Any:
        return Session().create_client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
        )

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
        except OSError:
            return False

    def _check_signatures(self) -> None:
        """From now on, each request has to be signed rightly."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        connection.request("POST", "/moto-api/reset-auth", b"0")
        assert connection.getresponse().status == 200
        connection.close()
