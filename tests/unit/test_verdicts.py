"""The table of errors and verdicts holds all there are, and its messages are fit for people."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import submissions
from submissions import errors
from submissions.errors import MESSAGE_LIMIT, Fault, Reach, SetupFault, Unexpected
from submissions.kinds import Kind
from submissions.model_server.setup_errors import setup_fault
from submissions.verdict import Outcome
from submissions.verdicts import OTHERS, SECTIONS, table

ROOT = Path(submissions.__file__).parent
KINDS = [kind for kinds in SECTIONS.values() for kind in kinds]
CLASSES = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Fault)}
#: Those that say all themselves.
WITHOUT_KIND = {"Interrupted", "Withdrawn", "Unexpected"}


def declared() -> Iterator[Kind]:
    """Every kind in any module of ours, alone or in a table."""
    for info in pkgutil.walk_packages([str(ROOT)], "submissions."):
        if info.name == "submissions.__main__":
            continue
        for value in vars(importlib.import_module(info.name)).values():
            values = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
            yield from (each for each in values if isinstance(each, Kind))


def test_every_kind_of_fault_that_is_declared_stands_in_the_table() -> None:
    missing = {kind.reason for kind in declared() if kind not in KINDS}
    assert missing == set()
    assert all(f"`{kind.reason}`" in table() for kind in KINDS)


def test_no_fault_is_made_without_a_kind() -> None:
    made = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in ROOT.rglob("*.py")
        if path.name != "errors.py" or path.parent != ROOT
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES - WITHOUT_KIND
    ]
    assert made == []


def test_every_class_of_fault_is_used() -> None:
    used = {kind.fault.__name__ for kind in KINDS} | {type(fault).__name__ for fault in OTHERS.values()}
    assert used == CLASSES - {"Fault"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.reason)
def test_a_message_is_one_line_without_a_path_and_a_setup_fault_names_its_remedy(kind: Kind) -> None:
    fault = kind(model="m", status=500, limit=3)
    assert "\n" not in fault.message
    assert not re.search(r"(^|\s)(/\w|[A-Z]:\\)", fault.message)
    assert fault.verdict().reason == kind.reason
    if isinstance(fault, SetupFault):
        assert re.search(r"[A-Z]+_[A-Z_*]+|ollama pull|gateway", fault.message)


def test_only_what_is_nobodys_and_passes_spends_no_attempt() -> None:
    for kind in KINDS:
        waits_for_more_than_itself = kind.fault.reach is not Reach.UNIT
        assert not waits_for_more_than_itself or kind.fault.outcome is Outcome.SNOOZE


def test_a_message_is_cut_at_its_limit() -> None:
    assert len(setup_fault("model_missing", "x" * 5000).message) == MESSAGE_LIMIT
    assert len(Unexpected(type("E" * 5000, (Exception,), {})()).message) == MESSAGE_LIMIT


def test_an_unexpected_exception_is_told_without_its_text() -> None:
    assert "Wuffi" not in Unexpected(ValueError("Failing row contains (Mein Hund heißt Wuffi)")).verdict().message


def test_what_troubleshooting_calls_by_a_name_is_called_so_in_the_log_or_the_database() -> None:
    docs = ROOT.parent / "docs"
    sources = [docs / "verdicts.md", docs / "events.md", *(ROOT / "migrations").glob("*.sql")]
    there = "".join(path.read_text(encoding="utf-8") for path in sources)
    named = re.findall(r"`([a-z]+(?:[._][a-z….]*)+)`", (docs / "troubleshooting.md").read_text(encoding="utf-8"))
    columns_apart = {part for name in named for part in (name.split(".") if name.startswith("learning_") else [name])}
    assert len(columns_apart) > 20
    assert [name for name in sorted(columns_apart) if not re.search(rf"\b{re.escape(name)}\b", there)] == []
