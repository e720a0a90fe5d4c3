"""One short-lived child process: fed a document, timed, its answer taken, never left behind.

The child gets the document as its standard input (no path in its arguments), an environment without anything of
ours, a session of its own (a signal to the worker's process group does not tear a page in the middle), and no
place to write text to: what a decoder says about a pupil's document is never shown.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import IO

from submissions.documents.errors import DocumentTooLarge, OpenerFailed, Reason

_CHUNK_BYTES = 1 << 20
# Where a platform's Python is built with shared libraries, it does not even start without this one.
_ENVIRONMENT_PASSED_ON = ("LD_LIBRARY_PATH",)
_SIGNAL_AT_A_LIMIT = {
    -signal.SIGXCPU: Reason.TOO_MUCH_TIME,  # sent by the kernel
    -signal.SIGABRT: Reason.TOO_MUCH_MEMORY,  # how PDFium, like most of C++, ends where memory is refused
}


def run(command: Sequence[str], document: IO[bytes], *, wall_seconds: float, answer_bytes: int) -> bytes:
    """Run a command with the document as its standard input and return what it printed.

    Raises OpenerFailed: opener_timeout after wall_seconds, opener_died if it ended by a signal or with an exit
    code other than 0, opener_garbled if it printed more than answer_bytes. Raises DocumentTooLarge
    at its limits: too_much_time, too_much_memory.
    """
    deadline = time.monotonic() + wall_seconds
    with _started(command, document) as child:
        assert child.stdout is not None  # it is a pipe
        answer = _read(child.stdout, deadline, answer_bytes)
        try:
            exit_code = child.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise OpenerFailed(Reason.OPENER_TIMEOUT) from None
    if exit_code in _SIGNAL_AT_A_LIMIT:
        raise DocumentTooLarge(_SIGNAL_AT_A_LIMIT[exit_code])
    if exit_code != 0:
        raise OpenerFailed(Reason.OPENER_DIED)
    return answer


@contextlib.contextmanager
def _started(command: Sequence[str], document: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command,
        stdin=document,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd="/",
        env={name: os.environ[name] for name in _ENVIRONMENT_PASSED_ON if name in os.environ},
        start_new_session=True,
    ) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)


def _read(pipe: IO[bytes], deadline: float, answer_bytes: int) -> bytes:
    """Read to the end of the pipe, waiting for the child no longer than to the deadline."""
    chunks: list[bytes] = []
    room = answer_bytes
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            chunk = pipe.read(_CHUNK_BYTES)
            if not chunk:
                return b"".join(chunks)
            room -= len(chunk)
            if room < 0:
                raise OpenerFailed(Reason.OPENER_GARBLED)
            chunks.append(chunk)
    raise OpenerFailed(Reason.OPENER_TIMEOUT)
