"""The server as a process: start, refusals at start, and its end."""

import json
import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import ollama
import pytest

from modelserver.testing import ScriptedServer

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "modelserver", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


def ask(url: str) -> None:
    with ollama.Client(url, timeout=10, trust_env=False) as client:
        client.chat("scripted-text", [{"role": "user", "content": "x"}])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_with_exit_code_0_even_while_a_call_is_held(
    number: signal.Signals, background: ThreadPoolExecutor
) -> None:
    with ScriptedServer() as server:
        assert server.process is not None
        server.hold()
        call = background.submit(ask, server.url)
        server.wait(held=1)
        server.process.send_signal(number)
        assert server.process.wait(2) == 0
        with pytest.raises(httpx.RemoteProtocolError):
            call.result(5)


def test_it_does_not_outlive_its_parent_when_asked_not_to() -> None:
    starter = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-m', 'modelserver', 'scripted',"
        " '--die-with-parent'], stdout=subprocess.PIPE, text=True); child.stdout.readline();"
        " print(child.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starter], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    try:
        readable = select.select([child], [], [], 5)[0]
        assert readable, "the server still runs 5 s after its parent's death"
    finally:
        os.close(child)


def test_a_taken_port_is_one_line_and_exit_code_1(server: ScriptedServer) -> None:
    done = run("scripted", "--port", str(server.port))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{server.port}" in done.stderr


def test_an_invalid_script_is_one_line_that_names_the_field(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"rules": [{"match": {"nht": 1}}]}))
    done = run("scripted", "--script", str(script))
    assert done.returncode == 1
    assert "rules[0].match.nht: unknown field" in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_documents_the_exit_codes() -> None:
    assert "exit codes" in run("--help").stdout
    assert run("nothing").returncode == 2
