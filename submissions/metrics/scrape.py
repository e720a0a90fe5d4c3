"""What one scrape answers: the counters of all processes of this start, and the state as the database has it now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from submissions.errors import DatabaseUnready, StoreAway, StoreRefused
from submissions.metrics import folder
from submissions.metrics.table import METRICS
from submissions.store.overview import gauges


class Counted(Collector):
    """What the processes of the folder wrote: counters and histograms also of dead ones, gauges of living ones alone.

    Dramatiq's gauges are left out: they count what is in progress within a process, and skipped messages twice.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = MultiProcessCollector(None, str(path))  # type: ignore[no-untyped-call]

    def collect(self) -> Iterator[Family]:
        folder.bury_the_dead(self._path)
        for family in self._files.collect():  # type: ignore[no-untyped-call]
            if family.type != "gauge" or family.name in METRICS:
                yield family


class State(Collector):
    """Whatever is a state, asked of the database."""

    def __init__(self, url: str) -> None:
        self._url = url

    def collect(self) -> Iterator[Family]:
        rows = self._rows()
        return families([*rows, {"name": "learning_database_up", "labels": {}, "value": bool(rows)}])

    def _rows(self) -> list[Mapping[str, Any]]:
        """None if the database does not tell: a scrape never fails because of that."""
        try:
            return gauges(self._url)
        except (StoreAway, DatabaseUnready, StoreRefused):
            return []


class Rows(Collector):
    """Rows that were asked before."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = rows

    def collect(self) -> Iterator[Family]:
        return families(self._rows)


def registry(path: Path, url: str) -> CollectorRegistry:
    """All that is served; `path` is the folder of this start."""
    both = CollectorRegistry()
    both.register(Counted(path))
    both.register(State(url))
    return both


def as_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows of `gauges` in Prometheus' text format."""
    one = CollectorRegistry()
    one.register(Rows(rows))
    return generate_latest(one).decode()


def families(rows: Iterable[Mapping[str, Any]]) -> Iterator[Family]:
    """Rows of name, labels and value as metrics with what the table says about them.

    A schema that is newer than this release may tell more than the table knows: that is left out.
    """
    made: dict[str, GaugeMetricFamily] = {}
    for row in rows:
        metric = METRICS.get(row["name"])
        if metric and set(metric.labels) == set(row["labels"]):
            family = made.setdefault(
                row["name"], GaugeMetricFamily(row["name"], metric.text, labels=list(metric.labels))
            )
            family.add_metric([row["labels"][label] for label in metric.labels], row["value"])
    return iter(made.values())
