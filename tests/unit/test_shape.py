"""The shape of the code: who may import what, and how long a function may grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("actors", "postgres_queue", "submissions", "modelserver", "scripts")

#: Module or package → the only places that import it.
EDGES = {
    "psycopg2": ("submissions/store/", "postgres_queue/", "scripts/"),
    "ollama": ("submissions/model_server/",),
    "httpx": ("submissions/model_server/", "modelserver/testing.py", "scripts/"),
    "httpcore": ("submissions/model_server/", "submissions/storage/"),
    "botocore": ("submissions/storage/",),
    "PIL": ("submissions/documents/", "modelserver/", "scripts/"),
    "pypdfium2": ("submissions/documents/", "scripts/"),
    "dramatiq": ("actors/", "broker.py", "postgres_queue/"),
    "modelserver": ("modelserver/", "scripts/"),
    "prometheus_client": ("submissions/metrics/",),
}


def sources() -> list[Path]:
    return [ROOT / "broker.py", *(path for name in OURS for path in (ROOT / name).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("package", [*EDGES])
def test_each_edge_of_the_worker_has_one_place(package: str) -> None:
    strangers = [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if any(name.split(".")[0] == package for name in imported(path))
        and not path.relative_to(ROOT).as_posix().startswith(EDGES[package])
    ]
    assert strangers == []


def test_what_judges_the_whole_imports_none_of_it() -> None:
    ours = {*OURS, "broker", "bench", "tests"}
    for path in (ROOT / "chaos").rglob("*.py"):
        assert not {name.split(".")[0] for name in imported(path)} & ours, path.name


def test_the_queue_knows_nothing_of_submissions() -> None:
    for path in (ROOT / "postgres_queue").rglob("*.py"):
        assert not any(name.split(".")[0] in {"submissions", "actors", "broker"} for name in imported(path)), path.name
    assert {name for name in imported(ROOT / "broker.py") if name.startswith("submissions.")} <= {
        "submissions.errors",
        "submissions.settings",
        "submissions.events",
    }


def test_no_function_grows_out_of_half_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 45
    ]
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []
