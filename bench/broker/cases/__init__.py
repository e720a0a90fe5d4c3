"""What is measured. Each file measures one system in a trial of its own and returns its figures by name."""

from bench.broker.case import Case
from bench.broker.cases import (
    backlog,
    connections,
    delays,
    enqueue,
    idle,
    pickup,
    redelivery,
    slots,
    throughput,
)

#: In the order of the run.
CASES: tuple[Case, ...] = (
    *slots.CASES,
    *throughput.CASES,
    *enqueue.CASES,
    *pickup.CASES,
    *delays.CASES,
    *connections.CASES,
    *backlog.CASES,
    *idle.CASES,
    *redelivery.CASES,
)
