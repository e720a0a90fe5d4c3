"""The virtual environment of each system, made when it is first needed, and again when its pins change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.broker.systems import Facts

ROOT = Path(__file__).parent.parent.parent

#: Git ignores it; `make clean` removes it.
FOLDER = ROOT / ".dev" / "bench"


class NotInstalled(Exception):
    """The environment of {name} could not be made: {reason}."""


def python_of(system: Facts) -> Path:
    """Its interpreter; ours where the system has no pins. Raises NotInstalled."""
    if system.pins is None:
        return Path(sys.executable)
    folder = FOLDER / f"env-{system.module}"
    pins, stamp = system.pins.read_text(encoding="utf-8"), folder / "installed.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != pins:
        _make(system, folder)
        stamp.write_text(pins, encoding="utf-8")
    return folder / "bin" / "python"


def _make(system: Facts, folder: Path) -> None:
    install = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        system.pins,
    ]
    for command in ([sys.executable, "-m", "venv", "--clear", folder], install):
        done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            raise NotInstalled(f"the environment of {system.name} could not be made: {reason}")
