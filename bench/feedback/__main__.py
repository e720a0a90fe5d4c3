"""`python -m bench.feedback`: judge the evaluation set, print the table, write JSON.

The model is AI_FEEDBACK_MODEL at OLLAMA_BASE_URL; without that address the development server's small one. Earlier
results stand beside it with --beside FILE. Exit codes: 0, 1 if the model server failed, 2 for a wrong choice.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.feedback.cases import Case, cases
from bench.feedback.figures import Pairs, figures
from bench.feedback.judged import Judge, Judged
from bench.feedback.table import put_into, table
from bench.models import FOLDER, NoModelServer, asked
from submissions.errors import Fault, SettingsRefused
from submissions.prompts import Prompts, load_prompts
from submissions.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    wanted = [case for case in cases() if case.task_name.startswith(tuple(chosen.only or [""]))]
    if not wanted:
        print(f"no task begins with {' or '.join(chosen.only)}", file=sys.stderr)
        return 2
    try:
        if chosen.into:
            put_into(chosen.into.read_text(encoding="utf-8"), [])
    except (OSError, ValueError) as problem:  # now, not after half an hour
        print(problem, file=sys.stderr)
        return 2
    try:
        with asked(os.environ) as settings:
            result = _measure(wanted, settings, chosen.out)
    except (Fault, NoModelServer, SettingsRefused) as problem:
        print(problem, file=sys.stderr)
        return 1
    earlier = [json.loads(path.read_text(encoding="utf-8")) for path in chosen.beside]
    print(f"\n{table([result, *earlier])}\n\n{chosen.out}")
    if chosen.into:
        chosen.into.write_text(put_into(chosen.into.read_text(encoding="utf-8"), [result, *earlier]), encoding="utf-8")
    return 0


def _measure(wanted: list[Case], settings: Settings, out: Path) -> dict[str, Any]:
    """The result, written after each text, so that a run that is interrupted was not for nothing."""
    prompts = load_prompts(settings.prompts_dir)
    judge = Judge(settings, prompts)
    out.parent.mkdir(parents=True, exist_ok=True)
    pairs: list[tuple[Case, Judged]] = []
    result: dict[str, Any] = {}
    for number, case in enumerate(wanted, start=1):
        judged = judge.judged(case)
        print(f"{number}/{len(wanted)} {_line(judged)}", flush=True)
        pairs.append((case, judged))
        result = _result(settings, prompts, pairs)
        out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return result


def _result(settings: Settings, prompts: Prompts, pairs: Pairs) -> dict[str, Any]:
    return {
        "model": settings.feedback_model,
        "prompt_versions": _versions(prompts),
        "temperature": settings.feedback_temperature,
        "figures": figures(pairs),
        "texts": [asdict(judged) for _, judged in pairs],
    }


def _versions(prompts: Prompts) -> dict[str, str]:
    return {language: prompts.feedback_version(language) for language in ("de", "en")}


def _line(judged: Judged) -> str:
    points = ", ".join("–" if score is None else str(score) for score in judged.scores)
    return f"{judged.task}, {judged.text}: {judged.outcome}, points {points or 'none'}, {judged.seconds:.0f} s"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.feedback", description="Measure a model's feedback.")
    parser.add_argument("--only", nargs="+", metavar="TASK", help="tasks whose names begin so; default: all")
    parser.add_argument(
        "--out", type=Path, default=FOLDER / "feedback.json", metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument("--beside", type=Path, nargs="+", default=[], metavar="FILE", help="earlier results to show")
    parser.add_argument("--into", type=Path, metavar="FILE", help="a document that has a place for the table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
