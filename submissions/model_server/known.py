"""What a row of the two tables of known errors is (`setup_errors`, `server_errors`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from submissions.errors import Fault

#: The status of an error line within an answer that had begun.
MID_STREAM = None


@dataclass(frozen=True, slots=True)
class Known:
    """A text that Ollama is known to send: one of `words` stands in it, in lower case; status None: at any.

    `source` is the place in the reference on Ollama's behaviour (§6 its error table, §10 its surprises) that the row
    stands for. Ollama gives nothing but a text to decide by: permanent faults have status 500 there.
    """

    source: str
    words: tuple[str, ...]
    fault: Callable[[str, str], Fault]
    reason: str
    message: str
    status: int | None = None

    def means(self, status: int | None, text: str) -> bool:
        return self.status in (None, status) and any(words in text for words in self.words)

    def for_model(self, model: str) -> Fault:
        return self.fault(self.reason, self.message.format(model=model))
