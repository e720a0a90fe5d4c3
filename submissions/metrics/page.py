"""docs/metrics.md, made from the table of metrics."""

from __future__ import annotations

from submissions.metrics.table import BUCKETS, METRICS, Metric

_HEAD = """# Metrics

Made by `make generated` from submissions/metrics/table.py.

Set `WORKER_METRICS_PORT` (and `WORKER_METRICS_ADDRESS` where Prometheus runs on another host): Dramatiq's master
then starts one more process beside the workers, which serves the counters of all of them and the state of the whole
installation at `http://address:port/metrics`. Two masters on one host need two ports; on one port the second serves
when the first has ended. Dramatiq's own `dramatiq_…` counters and durations are served, too.
`python -m submissions metrics` prints the states without any port. The `dramatiq_prom_…` variables have no effect.

- **Counters and histograms** belong to one start of one host's workers: add them up over instances, with `rate()` or
  `increase()`, which take a restart for what it is. A killed process's counts stay until the restart.
- **Gauges** are read from the database at each scrape: every instance tells the same, so take `max by (…)`, never
  `sum`. Nothing that a killed process left behind is in them. The one `gauge (processes)` is what the living processes
  of this start know; those that died are left out.

No label holds anything of a pupil.

| metric | kind | labels | meaning |
|---|---|---|---|
"""

_TAIL = """
Upper bounds of the histograms, in seconds: {buckets}.

## Worth an alert

| expression | what it says |
|---|---|
| `max(learning_workers) == 0` | no worker is alive |
| `max(learning_oldest_ready_seconds) > 900` | work has been waiting for a free thread for a quarter of an hour |
| `increase(ai_worker_failed_total[1h]) > 0` | submissions failed: `python -m submissions list --status failed` |
| `increase(learning_snoozes_total[10m]) > 0` | work waits for the model server or for a mended setup: see `reason` |
| `max by (concerns) (learning_circuit_open) == 1` | work pauses, because the model server or a model is away |
| `min(learning_database_up) == 0` | the database did not answer the exporter |
"""


def page() -> str:
    """The text of docs/metrics.md."""
    rows = "".join(_row(name, metric) for name, metric in METRICS.items())
    return _HEAD + rows + _TAIL.format(buckets=", ".join(f"{bound:g}" for bound in BUCKETS))


def _row(name: str, metric: Metric) -> str:
    labels = "; ".join(_label(label, values) for label, values in metric.labels.items())
    return f"| `{name}` | {metric.kind} | {labels} | {metric.text} |\n"


def _label(label: str, values: tuple[str, ...]) -> str:
    return f"{label}: {', '.join(values)}" if values else label
