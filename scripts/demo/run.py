"""The demo's steps in order, with what each starts put where it will be stopped."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from scripts.demo import database, environment, model_server, samples, terminal
from scripts.demo.bars import Bars
from scripts.demo.child import Child
from scripts.demo.conclusion import conclude
from scripts.demo.database import Database
from scripts.demo.development_server import start_development_server
from scripts.demo.failure import DemoFailed
from scripts.demo.interruption import Interruption
from scripts.demo.model_server import Models
from scripts.demo.outcome import Outcome, outcome_of
from scripts.demo.samples import Sample
from scripts.demo.terminal import print_labelled
from scripts.demo.watch import Watch
from scripts.demo.worker_log import WorkerLog
from scripts.demo.workplace import ROOT, Workplace
from submissions.errors import HandInRefused, StorageAway, StoreAway
from submissions.settings import load

#: All samples together; with the development model server they take one to two minutes.
LONGEST_SECONDS = 20 * 60.0


class Demo:
    """One run. What it starts is stopped by `running`, last first."""

    def __init__(self, chosen: argparse.Namespace, interruption: Interruption, running: ExitStack) -> None:
        self._chosen = chosen
        self._interruption = interruption
        self._running = running
        self._out = terminal.console()
        self._place = Workplace(chosen.folder)
        self._base = environment.bare(os.environ)
        self._began = time.monotonic()

    def run(self) -> int:
        """Returns the exit code. Raises DemoFailed."""
        self._running.enter_context(self._place)
        found = samples.find(self._chosen.samples)
        prepared = self._start_postgres()
        print_labelled(self._out, "Postgres", prepared.description)
        models = self._find_models()
        print_labelled(self._out, "Model server", models.description)
        worker = self._start_worker(prepared, models)
        print_labelled(self._out, "Worker", "started as the Procfile does it")
        outcomes = self._hand_in(found, prepared, [child for child in (worker, models.server) if child])
        for each in outcomes:
            terminal.print_outcome(self._out, each)
        return conclude(self._out, self._place, outcomes, models, time.monotonic() - self._began)

    def start(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> Child:
        """Start a process that is stopped when the demo ends, however it ends."""
        with self._interruption.held_back():
            child = Child(name, command, log, env)
            self._running.callback(child.stop)
        return child

    def _start_postgres(self) -> Database:
        with self._interruption.held_back():
            postgres = database.start_postgres(self._place)
            self._running.callback(postgres.stop)
        return database.prepare(postgres, self._base, self._place, self.start)

    def _find_models(self) -> Models:
        try:
            found = model_server.given(os.environ)
        except DemoFailed as problem:
            terminal.complain(f"OLLAMA_BASE_URL is not used: {problem}. Going on with the development model server.")
        else:
            if found:
                return found
        with self._out.status("starting the model server") as status:
            tell = status.update if self._out.is_terminal else self._out.print
            return start_development_server(self._chosen.face, self._place, self.start, tell)

    def _start_worker(self, prepared: Database, models: Models) -> Child:
        env = environment.of_worker(self._base, models.settings, prepared, self._place)
        return self.start("worker", ["sh", "-c", _procfile("worker")], self._place.worker_log, env)

    def _hand_in(self, found: list[Sample], prepared: Database, children: list[Child]) -> list[Outcome]:
        """Hand all in, show where they are until they have ended, and look at what became of them."""
        settings = load(environment.of_submitter(prepared, self._place))
        try:
            handed = {sample.hand_in(settings): sample for sample in found}
        except (HandInRefused, StorageAway, StoreAway) as problem:
            raise DemoFailed(f"a sample cannot be handed in: {problem}") from None
        log = WorkerLog(self._place.worker_log)
        watch = Watch(settings.database_url, samples.STUDENT, list(handed), log)
        with Bars(self._out, [sample.title for sample in found]) as bars:
            watch.until_ended(
                LONGEST_SECONDS,
                check=partial(_require_alive, children),
                show=lambda each, standing: bars.show(handed[each].title, standing),
            )
        return [outcome_of(sample, watch.rows[each], log.seconds(str(each))) for each, sample in handed.items()]


def _require_alive(children: list[Child]) -> None:
    for child in children:
        child.require_alive()


def _procfile(line: str) -> str:
    """The command of one Procfile line."""
    for each in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        name, _, command = each.partition(": ")
        if name == line:
            return command
    raise DemoFailed(f"the Procfile has no line {line}")
