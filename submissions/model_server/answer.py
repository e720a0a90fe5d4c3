"""Reading a streamed answer to its end, and believing it only then.

Each line is one JSON object: a piece of the answer, an error, or the last piece with `done`. Lines are split at
newlines alone; JSON strings may hold every other line separator.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ollama

from submissions.errors import Fault
from submissions.model_server.classify import classify
from submissions.model_server.faults import BAD_BODY, END_UNKNOWN, LOOPING, NOT_OLLAMA, UNFINISHED
from submissions.model_server.known import MID_STREAM
from submissions.model_server.repetition import RepetitionWatch
from submissions.model_server.values import Answer

OnToken = Callable[[str], None]

#: The ends of an answer that Ollama knows (reference §1.2); `load` and `unload` answer requests that ask nothing.
DONE_REASONS = frozenset({"stop", "length"})
#: Ollama stops a model without an error after so many equal pieces (reference §10.1).
REPEAT_ABORT = 30
#: Longest line in bytes; llama-server's own limit for one event is the same.
LINE_BYTES = 8 * 1024 * 1024
NANOSECONDS = 1e9


def read_answer(parts: Iterable[bytes], model: str, on_token: OnToken) -> Answer:
    """The complete answer. `on_token` gets each piece of its text (not of its thinking) as it comes.

    Raises the fault for an error line, a loop, a line that is no piece, and an end without `done` or with an unknown
    reason. `done_reason` "length" is no fault here: see Answer.truncated.
    """
    reading = _Reading(on_token)
    for line in _lines(parts):
        piece = _piece(line, model, first=reading.is_empty)
        reading.take(piece)
        if piece.done:
            return reading.answer(piece)
    raise reading.unfinished()


class _Reading:
    """The pieces so far."""

    def __init__(self, on_token: OnToken) -> None:
        self.is_empty = True
        self._on_token = on_token
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._text_watch = RepetitionWatch()
        self._thinking_watch = RepetitionWatch()
        self._last = ""
        self._equal = 0

    def take(self, piece: ollama.ChatResponse) -> None:
        self.is_empty = False
        text, thinking = piece.message.content or "", piece.message.thinking or ""
        self._text.append(text)
        self._thinking.append(thinking)
        self._equal = self._equal + 1 if text.strip() == self._last else 1
        self._last = text.strip()
        if text:
            self._on_token(text)
        if not piece.done and (self._text_watch.loops(text) or self._thinking_watch.loops(thinking)):
            raise LOOPING()

    def answer(self, last: ollama.ChatResponse) -> Answer:
        if last.done_reason not in DONE_REASONS:
            raise END_UNKNOWN()
        return Answer(
            text="".join(self._text),
            thinking="".join(self._thinking),
            done_reason=last.done_reason or "",
            model=last.model or "",
            prompt_tokens=last.prompt_eval_count or 0,
            output_tokens=last.eval_count or 0,
            load_seconds=(last.load_duration or 0) / NANOSECONDS,
            prompt_seconds=(last.prompt_eval_duration or 0) / NANOSECONDS,
            generation_seconds=(last.eval_duration or 0) / NANOSECONDS,
            total_seconds=(last.total_duration or 0) / NANOSECONDS,
        )

    def unfinished(self) -> Fault:
        """The stream ended cleanly and the answer did not."""
        return LOOPING() if self._equal >= REPEAT_ABORT else UNFINISHED()


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        yield from filter(None, lines)
        if len(rest) > LINE_BYTES:
            raise BAD_BODY()
    if rest.strip():
        yield rest


def _piece(line: bytes, model: str, *, first: bool) -> ollama.ChatResponse:
    try:
        content: Any = json.loads(line)
        if isinstance(content, dict) and content.get("error"):
            raise classify(MID_STREAM, content["error"], model)
        return ollama.ChatResponse.model_validate(content)
    except (ValueError, RecursionError):
        # Neither exception may be shown: both quote the line.
        raise (NOT_OLLAMA() if first else BAD_BODY()) from None
