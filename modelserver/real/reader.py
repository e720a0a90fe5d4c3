"""The model `dev-ocr`: the text of an image, by rapidocr. It reads; it understands no instructions.

Its engine may not be called from several threads, so one thread does all reading, first come, first served. Reading a
page cannot be broken off; when the client leaves, the page under way is still read (1 to 2 s) and thrown away.
"""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from modelserver.real.images import pixels
from modelserver.real.lines import box, page_text

# Settings that were measured to read pages best: the 180° line classifier loses whole lines, and faint lines count.
SETTINGS = {"Global.use_cls": False, "Global.text_score": 0.3, "Global.log_level": "critical"}


class Reader:
    """Reads images in its own thread; the engine (about 0.9 GB) is set up by the first of them."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "reader")
        self._engine: Any = None

    @property
    def is_loaded(self) -> bool:
        return self._engine is not None

    async def load(self) -> float:
        """Have the engine set up; returns the seconds that took."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._load)

    async def read(self, image: bytes) -> str:
        """The text of one image, line by line, once the engine is loaded. Raises ApiError 400 for what is no image."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, image)

    def _read(self, image: bytes) -> str:
        picture = pixels(image)
        found = self._engine(picture)
        if found.boxes is None:
            return ""
        return page_text([box(text, corners) for text, corners in zip(found.txts, found.boxes.tolist(), strict=True)])

    def _load(self) -> float:
        if self._engine is not None:
            return 0.0
        started = time.perf_counter()
        from rapidocr import RapidOCR  # noqa: PLC0415 — takes a second and is not needed to start

        threads = {"EngineConfig.onnxruntime.intra_op_num_threads": cores()}
        self._engine = RapidOCR(params={**SETTINGS, **threads})
        return time.perf_counter() - started


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))
