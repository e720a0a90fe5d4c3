"""The surroundings of a worker that is scraped: those of tests/worker, and a port for the metrics."""

from __future__ import annotations

import pytest

from tests.metrics.scraping import free_port
from tests.worker.conftest import environment, model_server

__all__ = ["environment", "model_server"]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def measured(environment: dict[str, str], port: int) -> dict[str, str]:
    """Two processes of two threads whose metrics are served."""
    return {
        **environment,
        "WORKER_PROCESSES": "2",
        "WORKER_CONCURRENCY": "2",
        "WORKER_METRICS_PORT": str(port),
    }
