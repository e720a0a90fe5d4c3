"""What is measured, counted in each worker process and served for Prometheus.

table      every metric once: kind, labels, meaning; page makes docs/metrics.md from it
folder     where the processes of one start keep their counters
counting   turns events into counters and histograms, in the worker processes
scrape     puts together what one scrape answers: counters of all processes, and the state from SQL
exporter   the process that serves it over HTTP

Settings WORKER_METRICS_PORT, WORKER_METRICS_ADDRESS. `counting` and `scrape` import prometheus_client, which decides
at its import whether values are shared between processes: nothing else may import the two before a process has booted.
"""
