"""What the store promises holds on Debian's PostgreSQL 15 as on the one that the other tests run on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.with_postgres import NOT_INSTALLED

ROOT = Path(__file__).parents[2]


def test_the_stores_tests_pass_on_postgresql_15() -> None:
    testing = [sys.executable, "-m", "pytest", "tests/store", f"--ignore={Path(__file__).relative_to(ROOT)}"]
    done = subprocess.run(
        [sys.executable, "-m", "scripts.with_postgres", "15", *testing, "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == NOT_INSTALLED:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
