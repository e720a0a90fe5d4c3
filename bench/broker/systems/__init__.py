"""What is compared. `NAME.py` is the adapter, `NAME.txt` pins its environment; without one it runs in ours.

Only what stands in this file may be imported by the program itself: an adapter's library is missing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Facts:
    """name: in tables and on the command line. module: the adapter's file."""

    name: str
    module: str

    @property
    def pins(self) -> Path | None:
        """The requirements of its own environment, if it has one."""
        path = FOLDER / f"{self.module}.txt"
        return path if path.exists() else None


OURS = Facts("ours", "ours")
STOCK = Facts("dramatiq-pg", "dramatiq_pg")
DRAMATIQ_POSTGRES = Facts("dramatiq-postgres", "dramatiq_postgres")
PROCRASTINATE = Facts("procrastinate", "procrastinate")
PGQUEUER = Facts("pgqueuer", "pgqueuer")
NO_QUEUE = Facts("no-queue", "no_queue")

QUEUES = (OURS, STOCK, DRAMATIQ_POSTGRES, PROCRASTINATE, PGQUEUER)
SYSTEMS = (*QUEUES, NO_QUEUE)
