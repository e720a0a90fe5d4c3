"""What one child process may use while it opens a document.

The worker hands the limits to the child; the child applies them to itself before it touches the document, so
they bind every later line of it. (A limit that were set between fork and exec would need a hook that is not
safe in a process with threads.)
"""

import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds for one document. Pages: the incumbent's limit. Pixels: above what phones of today take."""

    wall_seconds: float = 30.0
    pages: int = 100
    source_pixels: int = 120_000_000
    answer_bytes: int = 64 * 1024 * 1024
    """The longest answer that is taken from a child: a page of the pixel budget, uncompressed, fits."""


def apply() -> None:
    """Bind the calling process for the rest of its life: it writes no files, and no core dump with a pupil's text."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
