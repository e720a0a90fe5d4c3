"""Handing in: texts with one SQL call, files on the command line, each again until it was taken.

The mark is the idempotency key, so that a second try after a lost reply makes no second submission.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from chaos.documents import draw
from chaos.plan import Plan, Submission
from chaos.postgres import Asking
from chaos.root import ROOT

TASK = {
    "instruction": "Beschreibe deinen Schulweg.",
    "criteria": ["Inhalt", "Sprache"],
    "hints": "Mindestens drei Sätze.",
}
PUPILS = 7
SUBMIT = "SELECT learning_submit(%s, %s::jsonb, %s, p_idempotency_key => %s)"
#: Between two tries of the same, in seconds.
PAUSE = 0.5


class Feeder:
    """Hands in what the plan says, when it says so, in a thread of its own."""

    def __init__(self, plan: Plan, folder: Path, platform_url: str, environment: dict[str, str]) -> None:
        self._plan, self._folder = plan, folder
        self._database = Asking(platform_url)
        self._environment = environment | {"DATABASE_URL": platform_url}
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)

    def start(self) -> None:
        (self._folder / "task.json").write_text(json.dumps(TASK), encoding="utf-8")
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def _run(self) -> None:
        began = time.monotonic()
        for each in self._plan.submissions:
            time.sleep(max(0, began + each.at - time.monotonic()))
            hand_in = self._text if each.kind == "text" else self._file
            hand_in(each)

    def _text(self, each: Submission) -> None:
        text = f"{each.mark}. Ich gehe jeden Morgen zu Fuß zur Schule. Unterwegs treffe ich meine Freundin."
        self._database.rows(SUBMIT, _pupil(each), json.dumps(TASK), text, each.mark)

    def _file(self, each: Submission) -> None:
        path = draw(self._folder, each.mark, each.kind, each.pages)
        command = [sys.executable, "-m", "submissions", "submit", str(path), "--task", str(self._folder / "task.json")]
        whose = ["--student", _pupil(each), "--idempotency-key", each.mark]
        while not self._taken([*command, *whose]):
            time.sleep(PAUSE)

    def _taken(self, command: list[str]) -> bool:
        done = subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, check=False)
        return done.returncode == 0


def _pupil(each: Submission) -> str:
    return f"pupil-{each.number % PUPILS}"
