"""Fixtures of the queue's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.broker.lab import Lab


@pytest.fixture
def lab(owner_url: str, worker_url: str) -> Iterator[Lab]:
    """A fresh queue."""
    lab = Lab(owner_url, worker_url)
    yield lab
    lab.close()
