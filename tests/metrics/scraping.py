"""Scraping a worker as Prometheus does, over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import httpx
from prometheus_client.parser import text_string_to_metric_families

#: Name of a sample, and its labels as sorted pairs.
Sample = tuple[str, tuple[tuple[str, str], ...]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Scrape:
    """What one scrape answered."""

    def __init__(self, port: int) -> None:
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=10)
        assert answer.status_code == httpx.codes.OK
        self.text = answer.text
        self.kinds: dict[str, str] = {}
        self._values: dict[Sample, float] = {}
        for family in text_string_to_metric_families(answer.text):
            self.kinds[family.name] = family.type
            for sample in family.samples:
                self._values[sample.name, _sorted(sample.labels)] = sample.value

    def __call__(self, name: str, **labels: str) -> float:
        """The value of one sample. Raises KeyError if it is not there."""
        return self._values[name, _sorted(labels)]

    def all_of(self, name: str) -> dict[tuple[tuple[str, str], ...], float]:
        """The samples of a name, by labels."""
        return {labels: value for (each, labels), value in self._values.items() if each == name}


def _sorted(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))
