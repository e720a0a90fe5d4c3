"""The demo as a process of its own, as `make demo` starts it, and what it leaves on the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from scripts.demo.environment import bare, model_settings

ROOT = Path(__file__).parents[2]
SECONDS = 120.0


def start_demo(folder: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """Start it, with everything that it keeps in `folder` and no setting of ours but those given."""
    command = [sys.executable, "-m", "scripts.demo", f"--folder={folder}", "--face=scripted", *options]
    outside = {name: value for name, value in bare(os.environ).items() if name not in model_settings(os.environ)}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**outside, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(demo: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait until it has ended."""
    with demo:
        out, complaints = demo.communicate(timeout=SECONDS)
    return subprocess.CompletedProcess(demo.args, demo.returncode, out, complaints)


def left_behind(folder: Path) -> list[str]:
    """The processes that were told of the demo's folder, by their arguments or their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in told:
            found.append(f"{process.name}: {told.partition(bytes(2))[0].decode(errors='replace')}")
    return found
