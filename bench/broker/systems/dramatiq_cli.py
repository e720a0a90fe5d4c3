"""Dramatiq's own command line as the workers, for the systems that are brokers of it."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from bench.broker.assignment import Shape


def work(module: str, shape: Shape) -> NoReturn:
    """Become `dramatiq MODULE`."""
    counts = ["--processes", str(shape.processes), "--threads", str(shape.threads)]
    os.execv(sys.executable, [sys.executable, "-m", "dramatiq", module, *counts])  # noqa: S606 - our own command line


#: Rows as Dramatiq's encoder writes them, for the tables of dramatiq-pg and dramatiq-postgres.
FILL = """
INSERT INTO dramatiq.queue (message_id, queue_name, state, message)
SELECT m.id, 'bench', 'queued', jsonb_build_object(
    'queue_name', 'bench', 'actor_name', 'job', 'args', jsonb_build_array(%(kind)s::text, m.key), 'kwargs', '{}'::jsonb,
    'options', '{}'::jsonb, 'message_id', m.id, 'message_timestamp', floor(extract(epoch FROM clock_timestamp()) * 1000)
)
FROM (
    SELECT gen_random_uuid() AS id, n AS key FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n OFFSET 0
) AS m
"""
