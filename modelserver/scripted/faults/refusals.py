"""Errors in place of an answer, and in the middle of one."""

from __future__ import annotations

from modelserver.errors import ApiError, from_llama_server, server_busy
from modelserver.scripted.faults.table import AFTER, STATUS, TEXT, fault
from modelserver.scripted.performance import Performance


@fault("busy", on_arrival=True)
async def busy(performance: Performance) -> None:
    """503, as at a full queue of pending loads."""
    raise server_busy()


@fault("status", status=STATUS, error=TEXT)
async def status(performance: Performance, status: int = 500, error: str = "scripted failure") -> None:
    """Any status with any error text, before the first chunk."""
    raise ApiError(status, error)


@fault("llama_error", status=STATUS, message=TEXT, type=TEXT)
async def llama_error(
    performance: Performance,
    status: int = 400,
    message: str = "Failed to load image or audio file",
    type: str = "invalid_request_error",
) -> None:
    """An error of llama-server: its JSON body as a string inside `error`."""
    raise from_llama_server(status, message, type)


@fault("error_mid_stream", after=AFTER, status=STATUS, error=TEXT)
async def error_mid_stream(
    performance: Performance,
    after: int = 3,
    status: int = 500,
    error: str = "an error was encountered while running the model: unexpected EOF",
) -> None:
    """A line `{"error": …}` after some chunks; without streaming a real status."""
    await performance.play(after)
    await performance.reply.fail(status, error)
