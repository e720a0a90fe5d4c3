"""A process that the demo starts: in a group of its own, its output in a log, stopped with all that it started.

It does not outlive a demo that is killed outright (Linux), and one that ends by itself is noticed at the next look.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from scripts.demo.failure import DemoFailed
from scripts.demo.tail import Tail
from scripts.demo.workplace import ROOT

#: Seconds from SIGTERM to SIGKILL, and between two looks at a log.
GRACE, LOOK = 10.0, 0.1

#: prctl(2).
_SET_PARENT_DEATH_SIGNAL = 1


class Child:
    """Started when made; whoever makes it sees to it that `stop` is called."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call; nothing is started beside threads
            )

    def require_alive(self) -> None:
        """Raise DemoFailed if it has ended."""
        code = self._process.poll()
        if code is not None:
            raise DemoFailed(f"the {self.name} ended by itself with exit code {code}; its last lines:", self.log)

    def lines(self, seconds: float) -> Iterator[str]:
        """What it writes, line by line as it comes, until it ends. Raises DemoFailed if that takes too long."""
        tail, deadline = Tail(self.log), time.monotonic() + seconds
        has_ended = False
        while not has_ended:
            has_ended = self._process.poll() is not None
            yield from tail.lines()
            if time.monotonic() > deadline:
                raise DemoFailed(f"the {self.name} took more than {seconds:.0f} s; its last lines:", self.log)
            time.sleep(0 if has_ended else LOOK)

    def finish(self, seconds: float, tell: Callable[[str], object] = lambda _line: None) -> None:
        """Let it do its work; `tell` gets its lines. Raises DemoFailed, with its last line, if it fails."""
        last = f"the {self.name} failed"
        for last in self.lines(seconds):
            tell(last)
        if self._process.wait():
            raise DemoFailed(last)

    def stop(self) -> None:
        """End it and its group in order, or after the grace by force. One that has ended already is no error."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        with suppress(ProcessLookupError):  # what the leader left behind, or the leader itself
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Start(Protocol):
    """Starts a child whose stop is taken care of; without an environment it gets the demo's own."""

    def __call__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> Child: ...


def _die_with_parent() -> None:
    """Between fork and exec: ask the kernel for a SIGTERM when the demo dies. An exec keeps this."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
