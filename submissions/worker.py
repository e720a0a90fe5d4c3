"""What a worker process works with, built once per process and after it was forked."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from submissions.attempt import Workplace
from submissions.breaker import Breaker, Queues
from submissions.claim_watch import ClaimWatch
from submissions.document_cache import DocumentCache
from submissions.gate import Gate
from submissions.giving_up import GivingUp
from submissions.model_server import ModelServer
from submissions.prompts import load_prompts
from submissions.settings import Settings, load
from submissions.steps import Tools
from submissions.storage import open_storage
from submissions.store.spare import SpareConnection
from submissions.store.work import Limits, WorkStore


def build_workplace(queues: Queues) -> Workplace:
    """The workplace that the environment's settings ask for. Raises SettingsRefused."""
    settings = load()
    server = ModelServer(settings)
    spare = SpareConnection(settings.database_url)
    return Workplace(_tools(settings, server, queues, spare), server, Gate(), ClaimWatch(spare), spare)


def _tools(settings: Settings, server: ModelServer, queues: Queues, spare: SpareConnection) -> Tools:
    """The tools of its attempts."""
    limits = Limits(
        settings.worker_max_retries + 1, settings.worker_max_crashes, timedelta(hours=settings.worker_give_up_hours)
    )
    return Tools(
        settings,
        WorkStore(settings.database_url, f"{socket.gethostname()}:{os.getpid()}", limits),
        DocumentCache(settings.worker_cache_dir, open_storage(settings)),
        server,
        Breaker(settings, server, queues, GivingUp(settings, spare).give_up),
        load_prompts(settings.prompts_dir),
    )
