"""`python -m bench.vision`: read the corpus, print the table, write JSON and PNG.

The model is AI_VISION_MODEL at OLLAMA_BASE_URL; without that address the development server's reader. `--pixels` reads
each page at several sizes, to choose AI_VISION_MAX_PIXELS, which is what a page gets without. Exit codes: 0; 1 if the
model server failed, or the figures miss their bounds at every size; 2 for a wrong choice.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from bench.models import FOLDER, NoModelServer, asked
from bench.vision.corpus import CLASSES, PageClass, documents
from bench.vision.figures import missed, of_classes, of_groups, of_sizes
from bench.vision.plot import draw
from bench.vision.reader import PageResult, Reader
from bench.vision.table import table
from submissions.errors import Fault, SettingsRefused
from submissions.settings import Settings, load


def main(arguments: list[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    classes = tuple(each for each in CLASSES if each.name.startswith(tuple(chosen.only or [""])))
    if not classes:
        known = "; ".join(each.name for each in CLASSES)
        print(f"no class begins with {' or '.join(chosen.only)}; there are: {known}", file=sys.stderr)
        return 2
    try:
        with asked(os.environ, writes=False) as settings:
            results = _read(settings, classes, chosen.seed, chosen.pixels or [settings.vision_max_pixels])
    except (Fault, NoModelServer, SettingsRefused) as problem:
        print(problem, file=sys.stderr)
        return 1
    for pixels, pages in results.items():
        _keep(pages, replace(settings, vision_max_pixels=pixels), chosen.seed, _place(chosen.out, pixels, results))
    print("\n".join(_told(results)), chosen.out.parent, sep="\n\n")
    problems = {pixels: missed(pages) for pixels, pages in results.items()}
    print("\n".join(f"{_size(pixels)}: {each}" for pixels, told in problems.items() for each in told), file=sys.stderr)
    return int(all(problems.values()))


def _read(
    settings: Settings, classes: Sequence[PageClass], seed: int, sizes: Sequence[int]
) -> dict[int, list[PageResult]]:
    """The results of each size."""
    readers = {pixels: Reader(replace(settings, vision_max_pixels=pixels)) for pixels in sizes}
    results: dict[int, list[PageResult]] = {pixels: [] for pixels in sizes}
    with tempfile.TemporaryDirectory() as folder:
        for document in documents(seed, tuple(classes)):
            for pixels, reader in readers.items():
                for page in reader.pages(document, Path(folder) / "document"):
                    results[pixels].append(page)
                    what = f"{page.class_name}, page {page.page}, {_size(pixels)}"
                    print(f"{what}: {page.error:.2%} wrong {page.problem}", flush=True)
    return results


def _told(results: Mapping[int, Sequence[PageResult]]) -> list[str]:
    """Tables: of one size by class, of several by size."""
    if len(results) == 1:
        return [table(of_classes(pages), of_groups(pages)) for pages in results.values()]
    return [table([replace(each, name=f"{each.name}, {_size(pixels)}") for pixels, each in of_sizes(results)], [])]


def _size(pixels: int) -> str:
    return f"{pixels / 1e6:g} megapixels"


def _place(out: Path, pixels: int, results: Mapping[int, object]) -> Path:
    return out if len(results) == 1 else out.with_stem(f"{out.stem}-{pixels}")


def _keep(results: Sequence[PageResult], settings: Settings, seed: int, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    result = {
        "model": settings.vision_model,
        "max_pixels": settings.vision_max_pixels,
        "seed": seed,
        "classes": [asdict(each) for each in of_classes(results)],
        "groups": [asdict(each) for each in of_groups(results)],
        "missed": missed(results),
        "pages": [asdict(each) for each in results],
    }
    out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    title = f"{settings.vision_model}, pages of at most {_size(settings.vision_max_pixels)}"
    draw(of_classes(results), title, out.with_suffix(".png"))


def _sizes(text: str) -> list[int]:
    """Raises what argparse tells: SettingsRefused says what is allowed."""
    try:
        return [load({"AI_VISION_MAX_PIXELS": each}).vision_max_pixels for each in text.split(",")]
    except SettingsRefused as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.vision", description="Measure how a model reads pages.")
    parser.add_argument("--only", nargs="+", metavar="CLASS", help="classes whose names begin so; default: all")
    parser.add_argument("--seed", type=int, default=5, help="draws other texts (default: %(default)s)")
    parser.add_argument(
        "--pixels", type=_sizes, metavar="N[,N…]", help="sizes of a page; default: AI_VISION_MAX_PIXELS"
    )
    parser.add_argument("--out", type=Path, default=FOLDER / "vision.json", metavar="FILE", help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
