"""Behind a transaction-pooling PgBouncer, where neither session locks nor LISTEN last."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import make_dsn, parse_dsn

from postgres_queue.presence import BEAT_PATIENCE
from tests.broker.lab import Lab

PGBOUNCER = shutil.which("pgbouncer") or ""

pytestmark = pytest.mark.skipif(not PGBOUNCER, reason="needs Debian's pgbouncer: apt-get install pgbouncer")

CONFIGURATION = """
[databases]
{name} = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
ignore_startup_parameters = extra_float_digits
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def pooled_url(lab: Lab) -> Iterator[str]:
    """The lab's database through a PgBouncer of our own, with fewer connections to the server than it gets."""
    parts, port = parse_dsn(lab.worker_url), _free_port()
    server = make_dsn(**{key: parts[key] for key in ("host", "port", "user", "password") if key in parts})
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PgBouncer does not run as root
        file = Path(folder) / "pgbouncer.ini"
        file.write_text(CONFIGURATION.format(name=parts["dbname"], server=server, port=port))
        command = [PGBOUNCER, *(["-u", _user(parts["host"])] if os.geteuid() == 0 else []), str(file)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        url = f"postgresql://learning_worker@127.0.0.1:{port}/{parts['dbname']}"
        try:
            _until_it_answers(url, process)
            yield url
        finally:
            process.terminate()
            process.wait()


def _user(host: str) -> str:
    """Somebody who may connect to the server's socket; anybody for a server on the network."""
    return Path(host).owner() if host.startswith("/") else "nobody"


def _until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            psycopg2.connect(url).close()
            return
        except psycopg2.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise


def test_polling_alone_delivers_and_needs_no_session(lab: Lab, pooled_url: str) -> None:
    settings = {"TRIAL_URL": pooled_url, "TRIAL_LISTEN": "0", "TRIAL_POLL_SECONDS": "0.5"}
    with lab.worker(processes=2, threads=2, **settings) as master:
        lab.enqueue_many(200)
        lab.enqueue("again", key="delayed", after=0.5)
        lab.ran("delayed")
        lab.empty()
        assert lab.value("SELECT count(*) FROM dramatiq.present") == 0
        assert lab.value("SELECT min(jsonb_array_length(workers)) FROM dramatiq.overview") == 2
        assert "disconnected" not in master.output
        master.send(signal.SIGTERM)
        assert master.wait() == 0


def test_a_process_without_beats_is_rescued_and_one_with_beats_is_not(lab: Lab, pooled_url: str) -> None:
    settings = {"TRIAL_URL": pooled_url, "TRIAL_LISTEN": "0", "TRIAL_POLL_SECONDS": "0.5"}
    with lab.worker(**settings), lab.worker(**settings):
        for key in ("a", "b"):
            lab.enqueue("gate", key=key)
        os.kill(lab.started("a"), signal.SIGKILL)
        holder = lab.started("b")
        lab.until(
            "SELECT count(*) = 2 FROM trace WHERE key = 'a' AND what = 'started'"
            " OR EXISTS (SELECT FROM dramatiq.queue WHERE reason = 'owner_died')",
            within=BEAT_PATIENCE + 5,
        )
        assert lab.value("SELECT count(*) FROM trace WHERE key = 'b' AND what = 'started'") == 1
        assert holder == lab.value("SELECT pid FROM trace WHERE key = 'b'")


def test_with_a_direct_url_a_pooled_worker_hears_the_bell_and_holds_its_lock(lab: Lab, pooled_url: str) -> None:
    settings = {"TRIAL_URL": pooled_url, "TRIAL_DIRECT_URL": lab.worker_url, "TRIAL_POLL_SECONDS": "60"}
    with lab.worker(**settings):
        lab.until("SELECT count(*) = 1 FROM dramatiq.present")
        lab.enqueue("note", key="a")
        lab.ran("a", within=30)  # it would be found after 60 s without the bell
        lab.empty()
