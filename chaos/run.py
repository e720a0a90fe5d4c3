"""One run: everything is started, fed, disturbed until nothing is left to do, and then held against the claims."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from chaos import claims, evidence
from chaos.disturbances import WORKERS, Disturbances
from chaos.feeding import Feeder
from chaos.model_server import LOG, TEXT, VISION, ModelServer
from chaos.plan import MAX_CRASHES, MAX_RETRIES, Plan
from chaos.poison import Poison
from chaos.postgres import Asking, Postgres
from chaos.root import ROOT
from chaos.worker import Supervisor

LEFT = """
SELECT (SELECT count(*) FROM chaos.handed_in)
        - (SELECT count(*) FROM learning_submissions WHERE analysis_status IN ('completed', 'failed')),
    (SELECT count(*) FROM dramatiq.queue)
"""
#: Between two lines about how far it is, in seconds.
TELL_EVERY = 15.0


def run(plan: Plan, folder: Path) -> bool:
    """Run the plan in an empty folder; says whether all claims hold."""
    postgres = Postgres(folder)
    server = ModelServer(folder, plan)
    try:
        postgres.create()
        server.start()
        environment = _environment(plan, folder, postgres.url("learning_worker"), server.url)
        _migrate(environment, postgres)
        evidence.note(Asking(postgres.url()), plan)
        _let_it_happen(plan, folder, postgres, server, environment)
        server.stop()
        findings = claims.held(postgres.url(), folder / LOG)
        print(*findings, sep="\n", flush=True)
        return all(each.holds for each in findings)
    finally:
        server.stop()
        postgres.stop()


def _let_it_happen(
    plan: Plan, folder: Path, postgres: Postgres, server: ModelServer, environment: dict[str, str]
) -> None:
    supervisor = Supervisor(environment, folder / "worker.log")
    feeder = Feeder(plan, folder, postgres.url("learning_platform"), environment)
    disturbances = Disturbances(plan, postgres, server, supervisor)
    poison = Poison(Asking(postgres.url()))
    try:
        poison.start()
        supervisor.start()
        _wait_for_a_worker(Asking(postgres.url()))
        feeder.start()
        disturbances.start()
        _wait(plan, Asking(postgres.url()), feeder, disturbances)
    finally:
        poison.stop()
        supervisor.stop()
    print(f"worker started {supervisor.starts} times, poison killed {poison.deaths} processes", flush=True)


def _wait_for_a_worker(database: Asking) -> None:
    while not database.rows(WORKERS):
        time.sleep(0.2)


def _wait(plan: Plan, database: Asking, feeder: Feeder, disturbances: Disturbances) -> None:
    """Until all has ended, or the bound is reached: the claims then say what is missing."""
    began = told = time.monotonic()
    while time.monotonic() - began < plan.size.bound:
        ((unended, messages),) = database.rows(LEFT)
        if feeder.done and disturbances.done and not unended and not messages:
            break
        if time.monotonic() - told > TELL_EVERY:
            told += TELL_EVERY
            print(f"  {told - began:5.0f} s  {unended} submissions to end, {messages} messages", flush=True)
        time.sleep(0.2)
    print(f"took {time.monotonic() - began:.0f} s", flush=True)
    database.close()


def _migrate(environment: dict[str, str], postgres: Postgres) -> None:
    owner = environment | {"DATABASE_URL": postgres.url()}
    subprocess.run(
        [sys.executable, "-m", "submissions", "migrate"], cwd=ROOT, env=owner, check=True, capture_output=True
    )
    for role in ("learning_worker", "learning_platform"):
        Asking(postgres.url()).rows(f"ALTER ROLE {role} LOGIN")


def _environment(plan: Plan, folder: Path, worker_url: str, server_url: str) -> dict[str, str]:
    """The worker's: nothing but PATH comes from outside. Waits are short, so that much happens in minutes."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/"),
        "DATABASE_URL": worker_url,
        "OLLAMA_BASE_URL": server_url,
        "AI_VISION_MODEL": VISION,
        "AI_FEEDBACK_MODEL": TEXT,
        "STORAGE_URL": f"file:{folder}/storage",
        "WORKER_CACHE_DIR": f"{folder}/cache",
        "WORKER_PROCESSES": "2",
        "WORKER_CONCURRENCY": "2",
        "WORKER_MAX_RETRIES": str(MAX_RETRIES),
        "WORKER_MAX_CRASHES": str(MAX_CRASHES),
        "WORKER_BACKOFF_SECONDS": "0.5",
        "WORKER_SNOOZE_SECONDS": "1",
        "WORKER_PROBE_SECONDS": "0.5",
        "WORKER_UPKEEP_SECONDS": "5",
        "WORKER_SHUTDOWN_SECONDS": "10",
        "OLLAMA_CONNECT_SECONDS": "2",
        "OLLAMA_FIRST_BYTE_SECONDS": str(plan.size.first_byte_seconds),
        "OLLAMA_BETWEEN_BYTES_SECONDS": "2",
        "AI_TIMEOUT_VISION": "60",
        "AI_TIMEOUT_FEEDBACK": "60",
    }
