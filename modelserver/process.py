"""The server as a process: listening, saying that it is ready, and ending quickly on SIGTERM or SIGINT.

The first line on stdout is `modelserver ready on http://HOST:PORT`. Like Ollama it does not drain: running answers
are cut off at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from aiohttp import web

_PR_SET_PDEATHSIG = 1


class StartError(Exception):
    """<what is wrong>: <what to do>. Printed as one line; the process exits with 1."""


def serve(build: Callable[[], web.Application], arguments: argparse.Namespace) -> None:
    """Serve until a signal comes. `build` runs inside the event loop. Raises StartError."""
    if arguments.die_with_parent:
        _die_with_parent()
    asyncio.run(_serve(build, arguments.host, arguments.port))


def is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def leave_at_once() -> NoReturn:
    """End with code 0 without waiting for threads: native code of a model library does not end on request."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _serve(build: Callable[[], web.Application], host: str, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(build(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        address = runner.addresses[0]
        shown = f"[{host}]" if ":" in host else host
        print(f"modelserver ready on http://{shown}:{address[1]}", flush=True)
        await stop.wait()
    except OSError as error:
        raise StartError(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from None
    finally:
        await runner.cleanup()


def _die_with_parent() -> None:
    """Ask the kernel for SIGTERM at the parent's death (Linux). The parent may have died before we asked."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
