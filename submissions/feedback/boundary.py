"""The line that stands before and after the pupil's text in a request.

It is a hash of that very text: the text cannot contain it, nobody can foretell it, and a second attempt sends the same
bytes. It appears in the pupil's own message alone, so that the messages before it are the same for all pupils of a task
and stay in the server's prefix cache (reference §7).
"""

from __future__ import annotations

import hashlib
import itertools

from submissions.feedback.folding import folded

#: Hex digits: 80 bits.
DIGITS = 20


def boundary_for(text: str) -> str:
    """A line that does not stand in `text`, however its characters are disguised."""
    plain = "".join(folded(text).text.split())
    for salt in itertools.count():
        digits = hashlib.sha256(f"{salt}\0{text}".encode(errors="replace")).hexdigest()[:DIGITS]
        if digits not in plain:
            return f"=== {digits} ==="
    raise AssertionError
