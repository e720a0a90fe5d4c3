"""A model server behind TLS: only with a certificate that this machine trusts, and as cancellable as any other."""

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme

from submissions.errors import SetupFault, Withdrawn
from submissions.model_server import ModelServer
from tests.model_server.asking import a_request, fault_of
from tests.model_server.conftest import settings_for
from tests.model_server.in_background import Asked
from tests.model_server.raw_server import RawServer, ndjson, piece

DONE = ndjson(piece("Fine."), piece(done=True, done_reason="stop"))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The authority is one of the machine's."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    yield


@pytest.mark.usefixtures("trusted")
def test_a_trusted_server_answers(tls: ssl.SSLContext) -> None:
    with RawServer(DONE, tls=tls) as raw:
        assert ModelServer(settings_for(raw.url)).ask(a_request()).text == "Fine."


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_text(tls: ssl.SSLContext) -> None:
    with RawServer(DONE, tls=tls) as raw:
        caught = fault_of(ModelServer(settings_for(raw.url)))
    assert (type(caught), caught.reason) == (SetupFault, "certificate_refused")
    assert raw.requests == []


@pytest.mark.usefixtures("trusted")
def test_an_encrypted_call_is_cancelled_as_well(tls: ssl.SSLContext, background: ThreadPoolExecutor) -> None:
    with RawServer(ndjson(piece("Fi")), tls=tls, stays=True) as raw:
        asked = Asked(background, ModelServer(settings_for(raw.url)))
        assert asked.began.wait(5)
        asked.call.cancel(Withdrawn())
        asked.ends_at_once_with(Withdrawn)
