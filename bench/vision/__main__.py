"""`python -m bench.vision`: read the corpus, print the table, write JSON and PNG.

The model is AI_VISION_MODEL at OLLAMA_BASE_URL; without that address the development server's reader.
AI_VISION_MAX_PIXELS is the size of a page: run it with several to choose one. Exit codes: 0; 1 if the model server
failed, or the figures miss their bounds; 2 for a wrong choice.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.models import FOLDER, NoModelServer, asked
from bench.vision.corpus import CLASSES, PageClass, documents
from bench.vision.figures import missed, of_classes, of_groups
from bench.vision.plot import draw
from bench.vision.reader import PageResult, Reader
from bench.vision.table import table
from submissions.errors import Fault, SettingsRefused
from submissions.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    classes = tuple(each for each in CLASSES if each.name.startswith(tuple(chosen.only or [""])))
    if not classes:
        known = "; ".join(each.name for each in CLASSES)
        print(f"no class begins with {' or '.join(chosen.only)}; there are: {known}", file=sys.stderr)
        return 2
    try:
        with asked(os.environ, writes=False) as settings:
            results = _read(settings, classes, chosen.seed)
            _keep(results, settings, chosen.seed, chosen.out)
    except (Fault, NoModelServer, SettingsRefused) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"\n{table(of_classes(results), of_groups(results))}\n\n{chosen.out}")
    problems = missed(results)
    print("\n".join(problems), file=sys.stderr)
    return int(bool(problems))


def _read(settings: Settings, classes: Sequence[PageClass], seed: int) -> list[PageResult]:
    reader = Reader(settings)
    results: list[PageResult] = []
    with tempfile.TemporaryDirectory() as folder:
        for document in documents(seed, tuple(classes)):
            for result in reader.pages(document, Path(folder) / "document"):
                results.append(result)
                print(f"{result.class_name}, page {result.page}: {result.error:.2%} wrong {result.problem}", flush=True)
    return results


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
    title = f"{settings.vision_model}, pages of at most {settings.vision_max_pixels / 1e6:g} megapixels"
    draw(of_classes(results), title, out.with_suffix(".png"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.vision", description="Measure how a model reads pages.")
    parser.add_argument("--only", nargs="+", metavar="CLASS", help="classes whose names begin so; default: all")
    parser.add_argument("--seed", type=int, default=5, help="draws other texts (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER / "vision.json", metavar="FILE", help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
