"""What the demo's worker and submitter are told: the demo's own settings, and none that happen to be set outside.

Only settings of the model server are let through, and only when the demo uses the server that they are meant for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.demo.database import Database
from scripts.demo.workplace import Workplace
from submissions.misspelt import OUR_PREFIXES
from submissions.settings import declared

#: Each of the development model server's models uses all processors: two at once would slow each other down.
THREADS = 1

_MODEL_PREFIXES = ("AI_", "OLLAMA_")
_NAMES = {name for each in declared() for name in (each.metadata["name"], *each.metadata["aliases"])}

_WORKER = {
    "WORKER_PROCESSES": "1",
    "WORKER_CONCURRENCY": str(THREADS),
    "WORKER_BACKOFF_SECONDS": "1",
    "WORKER_SNOOZE_SECONDS": "2",
    "WORKER_SHUTDOWN_SECONDS": "5",
}


def bare(outside: Mapping[str, str]) -> dict[str, str]:
    """The environment without any setting of ours, and with this Python's programs first in the path."""
    kept = {name: value for name, value in outside.items() if name not in _NAMES and not name.startswith(OUR_PREFIXES)}
    return kept | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{outside.get('PATH', os.defpath)}"}


def model_settings(outside: Mapping[str, str]) -> dict[str, str]:
    """The settings of the model server and its models alone."""
    return {name: value for name, value in outside.items() if name in _NAMES and name.startswith(_MODEL_PREFIXES)}


def of_worker(
    base: Mapping[str, str], models: Mapping[str, str], database: Database, place: Workplace
) -> dict[str, str]:
    """The worker logs in as learning_worker, or switches to it."""
    return {
        **base,
        **models,
        **_WORKER,
        "DATABASE_URL": database.worker_url,
        "STORAGE_URL": place.storage.as_uri(),
        "WORKER_CACHE_DIR": str(place.cache),
    }


def of_submitter(database: Database, place: Workplace) -> dict[str, str]:
    """The submitter logs in as learning_platform, or switches to it, and needs no model server."""
    return {"DATABASE_URL": database.platform_url, "STORAGE_URL": place.storage.as_uri()}
