"""How an answer leaves the server: NDJSON lines while it is made, or one object at its end.

A face pushes pieces into a `Reply` and finishes it; it need not know which kind it holds. As with Ollama the headers
are sent with the first piece and not before, so waiting in a queue, loading and reading the prompt are silent; an
error before that has a real status, one after it is a last line `{"error": …}`. The ways to break off (reset,
hang up, no `done`) are here too, because only this file knows the wire.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from aiohttp import web

from modelserver.calls import ModelCall
from modelserver.durations import nanoseconds

# SO_LINGER on with zero seconds: closing sends RST instead of FIN.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Metrics:
    """What the last object reports: durations in seconds, counts in tokens (cached prompt tokens included)."""

    load_seconds: float = 0.0
    prompt_tokens: int = 0
    prompt_seconds: float = 0.0
    tokens: int = 0
    token_seconds: float = 0.0


def go_json(value: Mapping[str, object]) -> str:
    """JSON as Go writes it: compact, and with < > & escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def error_response(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=go_json({"error": text}), content_type="application/json", charset="utf-8")


class Reply(ABC):
    """The answer to one call. `on_first_byte` is called once, when the first byte goes out."""

    def __init__(self, request: web.Request, call: ModelCall, started: float) -> None:
        self.call = call
        self.response: web.StreamResponse = web.Response(status=500)
        self.on_first_byte: Callable[[], None] = lambda: None
        self._request = request
        self._started = started

    @abstractmethod
    async def piece(self, content: str = "", thinking: str = "") -> None:
        """Send or keep the next piece of the answer."""

    @abstractmethod
    async def finish(self, reason: str, metrics: Metrics) -> None:
        """End the answer properly: `done` true, `done_reason`, metrics."""

    @abstractmethod
    async def end_without_done(self) -> None:
        """End cleanly but with no final event: what Ollama does when its llama-server fails in mid-answer."""

    @abstractmethod
    async def fail(self, status: int, text: str) -> None:
        """End with an error, worded for the place in the answer that was reached."""

    @abstractmethod
    async def end_with(self, line: bytes) -> None:
        """Send this line, whatever it holds, and end cleanly."""

    async def reset(self) -> NoReturn:
        """Break the TCP connection with RST. Never returns: the server cancels a handler whose client is gone."""
        transport = self._request.transport
        if transport is not None:
            connection: socket.socket = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            transport.abort()
        await _until_cancelled()

    async def hang_up(self) -> NoReturn:
        """Close the TCP connection with FIN, wherever the answer stands. Never returns, like `reset`."""
        if self._request.transport is not None:
            self._request.transport.close()
        await _until_cancelled()

    def start_of_chunk(self, content: str) -> None:
        """Put half of the next chunk on the wire, so that a break right after it falls inside a chunk."""
        if self._request.transport is not None:
            line = self._line(self._body(content))
            self._request.transport.write(f"{len(line):x}\r\n".encode() + line[: len(line) // 2])

    def _body(self, content: str = "", thinking: str = "") -> dict[str, object]:
        """The fields that every object of an answer has, done or not."""
        body: dict[str, object] = {"model": self.call.model, "created_at": _now()}
        extra = {"thinking": thinking} if thinking else {}
        if self.call.endpoint == "chat":
            return {**body, "message": {"role": "assistant", "content": content, **extra}, "done": False}
        return {**body, "response": content, **extra, "done": False}

    def _done(self, body: dict[str, object], reason: str, metrics: Metrics) -> dict[str, object]:
        """The last object. Zero values are left out, as Go's `omitempty` does."""
        figures = {
            "total_duration": nanoseconds(time.perf_counter() - self._started),
            "load_duration": nanoseconds(metrics.load_seconds),
            "prompt_eval_count": metrics.prompt_tokens,
            "prompt_eval_duration": nanoseconds(metrics.prompt_seconds),
            "eval_count": metrics.tokens,
            "eval_duration": nanoseconds(metrics.token_seconds),
        }
        present = {name: figure for name, figure in figures.items() if figure}
        return {**body, "done": True, "done_reason": reason, **present}

    @staticmethod
    def _line(body: Mapping[str, object]) -> bytes:
        return go_json(body).encode() + b"\n"


class StreamedReply(Reply):
    """One JSON object per line; the connection's status is fixed once the first line is out."""

    async def piece(self, content: str = "", thinking: str = "") -> None:
        await self._write(self._line(self._body(content, thinking)))

    async def finish(self, reason: str, metrics: Metrics) -> None:
        await self.end_with(self._line(self._done(self._body(), reason, metrics)))

    async def end_without_done(self) -> None:
        await self.end_with(b"")

    async def fail(self, status: int, text: str) -> None:
        if self.response.prepared:
            await self.end_with(self._line({"error": text}))
            return
        self.response = error_response(status, text)
        self.on_first_byte()

    async def end_with(self, line: bytes) -> None:
        await self._write(line)
        await self.response.write_eof()

    async def _write(self, line: bytes) -> None:
        if not self.response.prepared:
            await self._start()
        await self.response.write(line)

    async def _start(self) -> None:
        self.response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        self.response.enable_chunked_encoding()
        await self.response.prepare(self._request)
        self.on_first_byte()


class WholeReply(Reply):
    """One JSON object; nothing is sent before the end, so every error has a real status."""

    def __init__(self, request: web.Request, call: ModelCall, started: float) -> None:
        super().__init__(request, call, started)
        self._content: list[str] = []
        self._thinking: list[str] = []

    async def piece(self, content: str = "", thinking: str = "") -> None:
        self._content.append(content)
        self._thinking.append(thinking)

    async def finish(self, reason: str, metrics: Metrics) -> None:
        await self.end_with(self._line(self._done(self._joined(), reason, metrics)))

    async def end_without_done(self) -> None:
        await self.end_with(self._line(self._joined()))

    async def fail(self, status: int, text: str) -> None:
        self.response = error_response(status, text)
        self.on_first_byte()

    async def end_with(self, line: bytes) -> None:
        self.response = web.Response(body=line, content_type="application/json", charset="utf-8")
        self.on_first_byte()

    def _joined(self) -> dict[str, object]:
        return self._body("".join(self._content), "".join(self._thinking))


def reply_to(request: web.Request, call: ModelCall, started: float) -> Reply:
    """The reply that the call asked for; `started` is the perf_counter second at which the handler began."""
    return (StreamedReply if call.stream else WholeReply)(request, call, started)


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


async def _until_cancelled() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets this event")
