"""What one child process may use while it opens a document.

The worker hands the limits to the child; the child applies them to itself before it touches the document, so
they bind every later line of it. (A limit that were set between fork and exec would need a hook that is not
safe in a process with threads.) The worker itself holds the file's size, the time on the clock and the length of
the answer, and counts on nothing that the child says.
"""

import resource
from dataclasses import dataclass

_SECONDS_TO_THE_KILL = 5  # after SIGXCPU, which the child neither catches nor ignores


@dataclass(frozen=True)
class Limits:
    """Bounds for one document; the settings LEARNING_* give those of a worker (`opening.py`)."""

    file_bytes: int = 10 * 1024 * 1024
    pages: int = 100
    source_pixels: int = 100_000_000
    """Of one image as it lies in the file: above what phones take, and A3 at 600 dpi."""
    memory_bytes: int = 768 * 1024 * 1024
    """Address space. Python and decoders take 70 MB of it, a photo of 48 megapixels 470, a drawing of 100 up to 690."""
    cpu_seconds: int = 20
    """Ten times what the slowest honest page took on a laptop's core. A file that needs more is at fault itself."""
    wall_seconds: float = 60.0
    """On the clock. A file that did not use its CPU time up till then met a busy machine."""
    answer_bytes: int = 16 * 1024 * 1024
    """The longest answer that is taken from a child: four times a page of the default pixel budget full of noise."""


def apply(limits: Limits) -> None:
    """Bind the calling process for the rest of its life. It writes no files, and no core dump with a pupil's text."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + _SECONDS_TO_THE_KILL))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
