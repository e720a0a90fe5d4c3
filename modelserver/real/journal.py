"""What the real face tells about each call: a line for people on stderr and, with --log, a line of JSON.

It shows cached and evaluated prompt tokens apart, which Ollama's answer does not. It never holds a text.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass
class Served:
    """One call: counts in tokens, times in seconds.

    `outcome` is stop, length, load, unload, aborted or "refused <status>".
    """

    model: str
    endpoint: str
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    outcome: str = "aborted"
    images: int = 0
    load_seconds: float = 0.0
    prompt_tokens_cached: int = 0
    prompt_tokens_evaluated: int = 0
    prompt_seconds: float = 0.0
    tokens: int = 0
    token_seconds: float = 0.0
    total_seconds: float = 0.0

    def line(self) -> str:
        """The same for people."""
        parts = [self.outcome]
        if self.load_seconds:
            parts.append(f"loaded in {self.load_seconds:.1f} s")
        if self.images:
            parts.append(f"read {self.images} image(s) in {self.prompt_seconds:.1f} s")
        elif self.prompt_tokens_evaluated:
            counts = f"{self.prompt_tokens_cached} cached + {self.prompt_tokens_evaluated} evaluated"
            parts.append(f"prompt tokens {counts} in {self.prompt_seconds:.1f} s")
        if self.tokens:
            parts.append(f"answer tokens {self.tokens} in {self.token_seconds:.1f} s")
        return f"{self.model} {self.endpoint}: {', '.join(parts)}"


class Journal:
    """Writes both logs. `path` is appended to. Raises OSError when it cannot be."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("a", encoding="utf-8") if path else None

    def note(self, served: Served, started: float) -> None:
        """Write down a call that began at perf_counter second `started`."""
        served.total_seconds = round(time.perf_counter() - started, 3)
        print(served.line(), file=sys.stderr, flush=True)
        if self._file:
            self._file.write(json.dumps(asdict(served)) + "\n")
            self._file.flush()

    def close(self) -> None:
        if self._file:
            self._file.close()
