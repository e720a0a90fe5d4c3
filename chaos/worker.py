"""The Procfile's worker under a supervisor that starts it again whenever it ends, as a platform does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from pathlib import Path

from chaos.root import ROOT, procfile

#: Between two starts, in seconds.
PAUSE = 0.5
#: What a platform waits between SIGTERM and SIGKILL, in seconds.
GRACE = 30.0


class Supervisor:
    """`starts` counts; the worker's output goes to `log`."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self.starts = 0

    def start(self) -> None:
        self._thread.start()

    def terminate(self) -> None:
        """SIGTERM to the whole group."""
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """No further start; SIGTERM, and after a grace SIGKILL."""
        self._over.set()
        self.terminate()
        self._thread.join(GRACE)
        self._signal(signal.SIGKILL)
        self._thread.join()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _run(self) -> None:
        with self._log.open("ab") as log:
            while not self._over.is_set():
                self._process = subprocess.Popen(
                    ["sh", "-c", procfile("worker")],
                    cwd=ROOT,
                    env=self._environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                self.starts += 1
                self._process.wait()
                self._over.wait(PAUSE)
