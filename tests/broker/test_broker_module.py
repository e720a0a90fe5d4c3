"""The module `broker`, as `dramatiq actors` and producers import it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.broker.lab import ROOT, Lab

DATABASE = ("DATABASE_URL", "LEARNING_DATABASE_URL", "LEARNING_DB_URL")


def _python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in DATABASE}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False
    )


def test_importing_it_needs_no_database() -> None:
    done = _python("-c", "import broker; print(broker.broker.stopping)")
    assert (done.returncode, done.stdout) == (0, "False\n")


@pytest.mark.parametrize("variable", ["DATABASE_URL", "LEARNING_DATABASE_URL"])
def test_it_enqueues_into_the_database_of_the_settings(lab: Lab, variable: str) -> None:
    program = (
        "import broker, dramatiq, psycopg2\n"
        "actor = dramatiq.actor(lambda key: None, actor_name='note', queue_name='trial')\n"
        "actor.send(key='a')\n"
        "broker.enqueue_many([actor.message(key='b')])\n"
        "broker.broker.close()\n"
    )
    done = _python("-c", program, **{variable: lab.owner_url})
    assert (done.returncode, done.stderr) == (0, "")
    assert lab.value("SELECT array_agg(message -> 'kwargs' ->> 'key' ORDER BY position) FROM dramatiq.queue") == [
        "a",
        "b",
    ]


def test_a_worker_without_a_database_says_so_in_one_line_and_exits() -> None:
    done = _python("-m", "dramatiq", "broker", "-p", "1", "-t", "1")
    assert done.returncode == 3
    (line,) = [line for line in done.stderr.splitlines() if "learning.queue" in line]
    assert "set DATABASE_URL=" in line
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_one_line_too() -> None:
    done = _python("-m", "dramatiq", "broker", "-p", "1", "-t", "1", WORKER_SHUTDOWN_SECONDS="soon")
    assert done.returncode != 0
    assert "WORKER_SHUTDOWN_SECONDS='soon'" in done.stderr
    assert "Traceback" not in done.stderr
