"""The model server that a measurement asks: that of the settings, or the development one with its real small model.

Settings: OLLAMA_BASE_URL chooses; without it `python -m modelserver real` is started and stopped (the language model,
1.1 GB, is fetched once). The AI_* settings are then those that the small model was tried with.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scripts.demo.development_server import PATIENT, READY, SETTINGS, Face
from submissions.settings import Settings, load

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".dev" / "bench"


class NoModelServer(Exception):
    """The development model server did not start; the lines above say why."""


@contextmanager
def asked(environ: Mapping[str, str], *, writes: bool = True) -> Iterator[Settings]:
    """Settings that lead to a model server, while it runs. `writes`: the development one needs its language model.

    Raises NoModelServer, SettingsRefused.
    """
    if environ.get("OLLAMA_BASE_URL", "").strip():
        yield load(environ)
    else:
        FOLDER.mkdir(parents=True, exist_ok=True)
        with development(FOLDER / "model-calls.jsonl", environ, writes=writes) as settings:
            yield settings


@contextmanager
def development(log: Path, environ: Mapping[str, str] | None = None, *, writes: bool = True) -> Iterator[Settings]:
    """Settings of the development server, while it runs; `log` gets one line of JSON for each call.

    Other settings come from `environ`, if it is given.
    """
    command = [sys.executable, "-m", "modelserver"]
    if writes and subprocess.run([*command, "fetch"], cwd=ROOT, check=False).returncode:
        raise NoModelServer("the language model could not be had")
    log.unlink(missing_ok=True)
    server = subprocess.Popen(
        [*command, "real", f"--log={log}", "--die-with-parent", *["--without-writer"] * (not writes)],
        cwd=ROOT,
        env={**PATIENT, **os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        line = server.stdout.readline() if server.stdout else ""
        if not line.startswith(READY):
            raise NoModelServer("the development model server did not start: `python -m modelserver real` says why")
        yield load({**(environ or {}), **SETTINGS[Face.REAL], "OLLAMA_BASE_URL": line.removeprefix(READY).strip()})
    finally:
        server.terminate()
        server.wait()
