"""The log of every /api/chat and /api/generate call: what was asked, when, and how it ended.

Test-only: unlike anything else in this project it keeps message contents. Times are seconds of the monotonic clock.
Records stay until DELETE /_control/requests; counts "in flight" survive that. With `--log` each record is also
written as one line of JSON when it ends.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from modelserver.calls import ModelCall
from modelserver.scripted.answers import image_hash
from modelserver.scripted.changes import Changes


@dataclass
class Record:
    """One call. `outcome` is "in flight", "done", "load", "aborted by client", "refused <status>" or "fault <name>"."""

    number: int
    endpoint: str
    model: str
    stream: bool
    has_images: bool
    image_sha256: list[str]
    roles: list[str]
    contents: list[str]
    has_format: bool
    format: str | dict[str, object] | None
    options: Mapping[str, object]
    flags: Mapping[str, object]
    received: float
    first_byte: float | None = None
    ended: float | None = None
    outcome: str = "in flight"
    prompt_tokens: int = 0
    prompt_tokens_cached: int = 0
    tokens: int = 0


class RequestLog:
    """Records in order of arrival, and how many are in flight, per model and in all (key "")."""

    def __init__(self, changes: Changes, path: Path | None = None) -> None:
        self._changes = changes
        self._file = path.open("a", encoding="utf-8") if path else None
        self._records: list[Record] = []
        self._count = 0
        self.in_flight: Counter[str] = Counter()
        self.max_in_flight: Counter[str] = Counter()

    def received(self, call: ModelCall) -> Record:
        self._count += 1
        record = _record(self._count, call)
        self._records.append(record)
        for key in ("", call.model):
            self.in_flight[key] += 1
            self.max_in_flight[key] = max(self.max_in_flight[key], self.in_flight[key])
        self._changes.announce()
        return record

    def first_byte(self, record: Record) -> None:
        record.first_byte = record.first_byte or time.monotonic()
        self._changes.announce()

    def ended(self, record: Record, outcome: str) -> None:
        record.outcome = outcome
        record.ended = time.monotonic()
        self.in_flight.subtract(["", record.model])
        if self._file:
            self._file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
            self._file.flush()
        self._changes.announce()

    def all(self) -> list[dict[str, object]]:
        return [asdict(record) for record in self._records]

    def forget(self) -> None:
        """Drop the records and start the maximum anew from what is in flight now."""
        self._records.clear()
        self.max_in_flight = Counter(+self.in_flight)

    def counts(self) -> dict[str, int]:
        """How many calls were received and how many of them have ended, since the log was last cleared."""
        ended = sum(record.ended is not None for record in self._records)
        return {"received": len(self._records), "ended": ended, "in_flight": self.in_flight[""]}

    def close(self) -> None:
        if self._file:
            self._file.close()


def _record(number: int, call: ModelCall) -> Record:
    return Record(
        number=number,
        endpoint=call.endpoint,
        model=call.model,
        stream=call.stream,
        has_images=bool(call.images),
        image_sha256=[image_hash(image) for image in call.images],
        roles=[message.role for message in call.messages],
        contents=[message.content for message in call.messages],
        has_format=call.format is not None,
        format=call.format,
        options=call.options,
        flags=call.flags,
        received=time.monotonic(),
    )
