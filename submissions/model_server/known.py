"""What a row of the two tables of known errors is (`setup_errors`, `server_errors`)."""

from __future__ import annotations

from dataclasses import dataclass

from submissions.kinds import Kind

#: The status of an error line within an answer that had begun.
MID_STREAM = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Kind):
    """A text that Ollama is known to send: one of `words` stands in it, in lower case; status None: at any.

    `source` is the place in the reference on Ollama's behaviour (§6 its error table, §10 its surprises) that the row
    stands for. Ollama gives nothing but a text to decide by: permanent faults have status 500 there.
    """

    words: tuple[str, ...]
    status: int | None = None

    def means(self, status: int | None, text: str) -> bool:
        return self.status in (None, status) and any(words in text for words in self.words)
