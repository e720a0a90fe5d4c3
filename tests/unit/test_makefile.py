"""What `make` does on a machine whose Python cannot be used as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Debian's python3 without python3-venv: leaves an environment without pip behind, and fails.
WITHOUT_ENSUREPIP = """
if [ "$1" = -m ]; then "{python}" -m venv --without-pip "$3"; echo "ensurepip is not available"; exit 1; fi
exec "{python}" "$@"
"""
TOO_OLD = 'exec "{python}" -c "import sys; sys.version_info = (3, 9); $2"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All that the rules for an environment look at."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).touch()
    return tmp_path


def make(folder: Path, python: str) -> str:
    """What a `make` that fails tells, with a `python` that is a script."""
    script = folder / "python"
    script.write_text(f"#!/bin/sh\n{python.format(python=sys.executable)}\n", encoding="utf-8")
    script.chmod(0o755)
    done = subprocess.run(
        ["make", "-f", ROOT / "Makefile", ".venv/.dev", f"PYTHON={script}"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    return done.stdout + done.stderr


def test_an_environment_that_could_not_be_made_is_not_taken_for_one_the_next_time(folder: Path) -> None:
    for _ in range(2):
        assert "ensurepip is not available" in make(folder, WITHOUT_ENSUREPIP)


def test_a_python_that_is_too_old_is_told_with_the_way_to_name_another(folder: Path) -> None:
    assert "Python 3.11 or newer is needed: make PYTHON=python3.12" in make(folder, TOO_OLD)
    assert not (folder / ".venv").exists()
